import {Component, onWillStart, onWillUpdateProps, useState} from "@odoo/owl";
import {Dropdown} from "@web/core/dropdown/dropdown";
import {DropdownItem} from "@web/core/dropdown/dropdown_item";
import {_t} from "@web/core/l10n/translation";
import {registry} from "@web/core/registry";
import {useService} from "@web/core/utils/hooks";
import {Layout} from "@web/search/layout";

const ICONS = {
    success: "fa-check",
    danger: "fa-times",
    warning: "fa-exclamation",
    secondary: "fa-minus",
};

const STEPS = {
    yes: {icon: "fa-check", tone: "success"},
    no: {icon: "fa-times", tone: "danger"},
    lapsed: {icon: "fa-clock-o", tone: "warning"},
};

/** What holds for one topic at one address, and what may be done about it. */
class ConsentPanelCell extends Component {
    static template = "marketing_consent.ConsentPanelCell";
    static components = {Dropdown, DropdownItem};
    static props = {cell: Object, heard: Array, open: Function, withdraw: Function};

    setup() {
        this.icons = ICONS;
        this.steps = STEPS;
    }
}

/** What the person behind a record said: topics by addresses, and the timeline. */
export class ConsentPanel extends Component {
    static template = "marketing_consent.ConsentPanel";
    static components = {ConsentPanelCell, Dropdown, DropdownItem};
    static props = {
        resModel: String,
        resId: Number,
        onLoaded: {type: Function, optional: true},
        titled: {type: Boolean, optional: true},
    };

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.notification = useService("notification");
        this.state = useState({panel: null});
        onWillStart(() => this.load(this.props));
        onWillUpdateProps((props) => this.load(props));
    }

    call(method, ...args) {
        return this.orm.call("consent.panel", method, [this.props.resModel, this.props.resId, ...args]);
    }

    async load({resModel, resId}) {
        this.state.panel = await this.orm.call("consent.panel", "look", [resModel, resId]);
        this.props.onLoaded?.(this.state.panel);
    }

    async more() {
        const {timeline} = this.state.panel;
        const next = await this.call("look_back", timeline.next);
        Object.assign(timeline, next, {events: [...timeline.events, ...next.events]});
    }

    async withdraw(row, cell, source) {
        await this.call("withdraw", cell.point, row.id, source);
        this.notification.add(_t("Written down: it holds at once, everywhere."), {type: "success"});
        await this.load(this.props);
    }

    async object(source) {
        await this.call("object_to_all", source);
        this.notification.add(_t("Written down: no marketing leaves to them any more."), {type: "success"});
        await this.load(this.props);
    }

    async record() {
        const action = await this.call("record_choice");
        this.action.doAction(action, {onClose: () => this.load(this.props)});
    }

    open(eventId) {
        this.action.doAction({
            type: "ir.actions.act_window",
            name: _t("Event"),
            res_model: "consent.event",
            res_id: eventId,
            views: [[false, "form"]],
        });
    }

    async prove(eventId) {
        this.action.doAction(await this.orm.call("consent.event", "action_print_proof", [[eventId]]));
    }
}

/** The panel as a page of its own, for any record with an address. */
export class ConsentPanelAction extends Component {
    static template = "marketing_consent.ConsentPanelAction";
    static components = {ConsentPanel, Layout};
    static props = ["*"];

    setup() {
        const {active_model: resModel, active_id: resId} = this.props.action.context;
        Object.assign(this, {resModel, resId});
    }

    onLoaded(panel) {
        this.env.config?.setDisplayName?.(_t("Consent of %s", panel.name));
    }
}

/** The panel as a part of a form. */
export class ConsentPanelWidget extends Component {
    static template = "marketing_consent.ConsentPanelWidget";
    static components = {ConsentPanel};
    static props = ["*"];
}

registry.category("actions").add("marketing_consent.panel", ConsentPanelAction);
registry.category("view_widgets").add("consent_panel", {component: ConsentPanelWidget});
