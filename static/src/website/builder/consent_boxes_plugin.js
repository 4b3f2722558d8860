import {BaseOptionComponent, useDomState} from "@html_builder/core/utils";
import {BuilderAction} from "@html_builder/core/builder_action";
import {Plugin} from "@html_editor/plugin";
import {_t} from "@web/core/l10n/translation";
import {onWillStart} from "@odoo/owl";
import {registry} from "@web/core/registry";
import {useOperation} from "@html_builder/core/operation_plugin";

const BLOCK = ".s_marketing_consent";

const keysOf = (block) => (block.dataset.choices || "").split(",").filter(Boolean);

/** What people fill in on the form around a block. */
function fieldsOf(block) {
    const inputs =
        block.closest("form")?.querySelectorAll(".s_website_form_field [name]:not([type='hidden'])") || [];
    return [...new Set([...inputs].map((input) => input.name))];
}

export class ConsentBoxesOption extends BaseOptionComponent {
    static template = "marketing_consent.ConsentBoxesOption";
    static selector = BLOCK;
    static dependencies = ["consentBoxes"];

    setup() {
        super.setup();
        const {fetchChoices, checkForm} = this.dependencies.consentBoxes;
        onWillStart(async () => {
            this.choices = await fetchChoices();
        });
        this.state = useDomState(async (block) => ({warnings: await checkForm(block)}));
    }
}

export class AddConsentBoxesButton extends BaseOptionComponent {
    static template = "marketing_consent.AddConsentBoxesButton";
    static props = {add: Function};

    setup() {
        this.callOperation = useOperation();
    }

    add() {
        this.callOperation(() => this.props.add(this.env.getEditingElement()));
    }
}

export class ConsentBoxesPlugin extends Plugin {
    static id = "consentBoxes";
    static dependencies = ["builderOptions"];
    static shared = ["fetchChoices", "checkForm"];
    resources = {
        builder_options: [ConsentBoxesOption],
        builder_actions: {ConsentChoiceAction},
        builder_header_middle_buttons: [
            {
                Component: AddConsentBoxesButton,
                selector: ".s_website_form",
                applyTo: "form",
                props: {add: (form) => this.addTo(form)},
            },
        ],
        dropzone_selector: {
            selector: BLOCK,
            dropNear: ".s_website_form_field:not(.s_website_form_dnone)",
            dropLockWithin: "form",
        },
        on_snippet_dropped_handlers: ({snippetEl}) => this.chooseFirst(snippetEl),
        clean_for_save_handlers: ({root}) => {
            for (const block of root.querySelectorAll(BLOCK)) {
                block.replaceChildren();
            }
        },
    };

    async fetchChoices() {
        const website = this.services.website.currentWebsite.id;
        this.choices ??= await this.services.orm.call("consent.capture", "get_choices", [website]);
        return this.choices;
    }

    async checkForm(block) {
        const model = block.closest("form")?.dataset.model_name || "";
        return await this.services.orm.call("consent.capture", "check_form", [
            this.services.website.currentWebsite.id,
            model,
            fieldsOf(block),
            keysOf(block),
        ]);
    }

    async addTo(form) {
        const block = this.document.createElement("div");
        block.className = "s_marketing_consent col-12 mb-3";
        block.dataset.snippet = "s_marketing_consent";
        block.dataset.name = _t("Consent Boxes");
        await this.chooseFirst(block);
        form.querySelector(".s_website_form_submit").before(block);
        this.dependencies.builderOptions.setNextTarget(block);
    }

    /** A new block asks for one thing; the editor chooses what. */
    async chooseFirst(snippet) {
        if (snippet.matches(BLOCK) && !snippet.dataset.choices) {
            const choices = await this.fetchChoices();
            snippet.dataset.choices = choices.length ? choices[0].key : "";
        }
    }
}

/** One topic over one channel: a box of its own. */
export class ConsentChoiceAction extends BuilderAction {
    static id = "consentChoice";

    isApplied({editingElement: block, params: {mainParam: key}}) {
        return keysOf(block).includes(key);
    }
    apply({editingElement: block, params: {mainParam: key}}) {
        block.dataset.choices = [...keysOf(block), key].join(",");
    }
    clean({editingElement: block, params: {mainParam: key}}) {
        block.dataset.choices = keysOf(block)
            .filter((each) => each !== key)
            .join(",");
    }
}

registry.category("website-plugins").add(ConsentBoxesPlugin.id, ConsentBoxesPlugin);
