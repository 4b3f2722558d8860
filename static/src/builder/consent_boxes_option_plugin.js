import {BaseOptionComponent, useDomState} from "@html_builder/core/utils";
import {BuilderAction} from "@html_builder/core/builder_action";
import {Plugin} from "@html_editor/plugin";
import {SNIPPET_SPECIFIC} from "@html_builder/utils/option_sequence";
import {registry} from "@web/core/registry";
import {withSequence} from "@html_editor/utils/resource";

const BLOCK = ".s_marketing_consent";
const CHANNELS = ["email", "sms"];

/** In the options of a form: which topics it asks for. What stands in the boxes is the server's, at each visit. */
export class ConsentBoxesOption extends BaseOptionComponent {
    static template = "marketing_consent.ConsentBoxesOption";
    static selector = ".s_website_form";
    static applyTo = "form";

    setup() {
        super.setup();
        this.state = useDomState(async (form) => ({surplus: await this.surplus(form)}));
    }

    /** Say by their labels which fields the chosen topics do not need, as the server knows; asked anew when it changed. */
    async surplus(form) {
        const block = form.querySelector(BLOCK);
        const inputs = [...form.querySelectorAll("input[name], select[name], textarea[name]")];
        const key = block && [block.dataset.choices, ...inputs.map(({name}) => name)].join("\n");
        if (key !== this.asked) {
            this.asked = key;
            this.names = block
                ? await this.env.services.orm.call("consent.capture", "asks_too_much", [form.outerHTML])
                : [];
        }
        return this.names.map((name) => {
            const field = inputs.find((input) => input.name === name)?.closest(".s_website_form_field");
            return field?.querySelector(".s_website_form_label_content")?.textContent.trim() || name;
        });
    }
}

/** Puts a block for the chosen topics above the button that sends the form, and takes it away with the last topic. */
export class ConsentTopicsAction extends BuilderAction {
    static id = "consentTopics";

    getValue({editingElement}) {
        return editingElement.querySelector(BLOCK)?.dataset.topics || "[]";
    }

    apply({editingElement, value}) {
        const topics = JSON.parse(value || "[]");
        let block = editingElement.querySelector(BLOCK);
        if (!topics.length) {
            block?.remove();
            return;
        }
        if (!block) {
            block = editingElement.ownerDocument.createElement("div");
            block.className = "s_marketing_consent col-12 mb-3";
            const button = editingElement.querySelector(".s_website_form_submit");
            button ? button.before(block) : editingElement.append(block);
        }
        const named = topics.map(({id, name, display_name}) => {
            const label = name || display_name;
            return {id, name: label, display_name: label};
        });
        block.dataset.topics = JSON.stringify(named);
        block.dataset.label = named.map(({name}) => name).join(", ");
        // The server leaves out a channel over which a topic is not offered.
        block.dataset.choices = named
            .flatMap(({id}) => CHANNELS.map((channel) => `${id}:${channel}`))
            .join(",");
    }
}

class ConsentBoxesOptionPlugin extends Plugin {
    static id = "consentBoxesOption";
    resources = {
        builder_options: [withSequence(SNIPPET_SPECIFIC, ConsentBoxesOption)],
        builder_actions: {ConsentTopicsAction},
    };
}

registry.category("website-plugins").add(ConsentBoxesOptionPlugin.id, ConsentBoxesOptionPlugin);
