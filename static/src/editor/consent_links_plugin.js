import {DYNAMIC_PLACEHOLDER_PLUGINS} from "@html_editor/backend/plugin_sets";
import {isHtmlContentSupported} from "@html_editor/core/selection_plugin";
import {Plugin} from "@html_editor/plugin";
import {withSequence} from "@html_editor/utils/resource";
import {_t} from "@web/core/l10n/translation";

/** Offers the recipients' own links wherever Odoo offers placeholders: type "/" in a template or a mailing. */
export class ConsentLinksPlugin extends Plugin {
    static id = "consentLinks";
    static dependencies = ["selection", "history", "dom"];
    resources = {
        user_commands: [
            {
                id: "insertConsentLink",
                title: _t("Recipient's own link"),
                icon: "fa-user-o",
                run: (params) => this.insert(params),
                isAvailable: isHtmlContentSupported,
            },
        ],
        powerbox_categories: withSequence(61, {
            id: "consent_links",
            name: _t("Recipient's own links"),
        }),
        powerbox_items: this.links.map(({page, label, title, description}) => ({
            title,
            description,
            categoryId: "consent_links",
            commandId: "insertConsentLink",
            commandParams: {page, label},
        })),
    };

    get links() {
        return [
            {
                page: "unsubscribe",
                label: _t("Unsubscribe"),
                title: _t("Unsubscribe link"),
                description: _t("One button for the topic of this message"),
            },
            {
                page: "preferences",
                label: _t("Your preferences"),
                title: _t("Preferences link"),
                description: _t("All topics and channels, pause, history"),
            },
            {
                page: "subscribe",
                label: _t("Subscribe to more"),
                title: _t("Subscribe link"),
                description: _t("More topics, once the address is proven"),
            },
            {
                page: "why",
                label: _t("Why am I getting this?"),
                title: _t("“Why am I getting this?” link"),
                description: _t("The choice that this message rests on"),
            },
        ];
    }

    insert({page, label}) {
        const link = this.document.createElement("a");
        // Without a token: each recipient's own is put in when the message leaves.
        link.setAttribute("href", `/consent/${page}`);
        link.textContent = label;
        this.dependencies.dom.insert(link);
        this.dependencies.history.addStep();
    }
}

DYNAMIC_PLACEHOLDER_PLUGINS.push(ConsentLinksPlugin);
