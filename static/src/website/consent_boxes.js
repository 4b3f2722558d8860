import {Interaction} from "@web/public/interaction";
import {registry} from "@web/core/registry";

/**
 * Fills a block with its boxes as the server has them: wording, version and language are not the page's to choose.
 * Without an answer there is no box, and so no consent.
 */
export class ConsentBoxes extends Interaction {
    static selector = ".s_marketing_consent";

    async willStart() {
        const query = new URLSearchParams({...this.query, lang: this.lang});
        const answer = await this.waitFor(fetch(`/consent/boxes?${query}`));
        this.html = answer.ok ? await this.waitFor(answer.text()) : "";
    }

    start() {
        const template = document.createElement("template");
        template.innerHTML = this.html;
        this.fill(template.content);
    }

    destroy() {
        this.el.replaceChildren();
    }

    get query() {
        return {choices: this.el.dataset.choices || ""};
    }

    get lang() {
        return (document.documentElement.lang || "").replace("-", "_");
    }

    fill(content) {
        this.el.replaceChildren(content);
    }
}

/** Boxes that are put into a form which has no block for them. */
class InsertedConsentBoxes extends ConsentBoxes {
    /** Put the boxes beside `place`, and return the block that they stand in. */
    put(content, className, place, position) {
        const block = document.createElement("div");
        block.className = className;
        block.append(content);
        this.insert(block, place, position);
        return block;
    }

    destroy() {
        // What was inserted goes with the interaction.
    }
}

/** The same boxes at the end of forms that no editor builds: a new account, an address. */
export class ConsentAccountBoxes extends InsertedConsentBoxes {
    static selector = "form.oe_signup_form, form.address_autoformat";

    get query() {
        return {form: "account"};
    }

    fill(content) {
        if (!content.firstElementChild) {
            return;
        }
        const buttons = this.el.querySelector(".oe_login_buttons");
        const position = buttons ? "beforebegin" : "beforeend";
        this.put(content, "o_consent_boxes col-12 mt-3 text-start", buttons || this.el, position);
    }
}

/**
 * Those of a registration for an event. It may ask for no phone: then no box is about SMS. Where one is ticked, the
 * address of the first person, whose yes it is, is asked for; the box itself never is.
 */
export class ConsentRegistrationBoxes extends ConsentAccountBoxes {
    static selector = "form#attendee_registration";

    get query() {
        return {...super.query, ...(this.address("sms") ? {} : {channel: "email"})};
    }

    address(channel) {
        return this.el.querySelector(`[name*='-${channel === "sms" ? "phone" : "email"}-']`);
    }

    fill(content) {
        if (!content.firstElementChild || !this.address("email")) {
            return;
        }
        const footer = this.el.querySelector(".modal-footer");
        const block = this.put(
            content,
            "o_consent_boxes modal-body border-top text-start",
            footer,
            "beforebegin",
        );
        for (const channel of ["email", "sms"]) {
            const address = this.address(channel);
            const always = address?.required;
            const boxes = [...block.querySelectorAll(`input[name$='_${channel}']`)];
            this.addListener(boxes, "change", () => {
                address.required = always || boxes.some((box) => box.checked);
            });
        }
    }
}

/** The box of the topic in place of the shop's own newsletter box, where that newsletter stands for one. */
export class ConsentCheckoutNewsletter extends InsertedConsentBoxes {
    static selector = "form.address_autoformat input[name='newsletter']";

    get query() {
        return {newsletter: "1"};
    }

    fill(content) {
        if (!content.firstElementChild) {
            return;
        }
        const label = this.el.closest("label") || this.el;
        this.put(content, "o_consent_newsletter col-12 mb-2", label, "afterend");
        this.el.disabled = true;
        label.classList.add("d-none");
    }
}

/** A form by which one joins mailing lists shows the boxes of the topics that these lists stand for. */
export class ConsentListBoxes extends ConsentAccountBoxes {
    static selector = "form[data-model_name='mailing.contact']";

    get query() {
        const lists = [...this.el.querySelectorAll("[name='list_ids']")];
        return {lists: lists.map((input) => input.value).join(",")};
    }

    fill(content) {
        if (this.el.querySelector(".s_marketing_consent") || !content.firstElementChild) {
            return;
        }
        this.put(
            content,
            "o_consent_boxes col-12 mb-3",
            this.el.querySelector(".s_website_form_submit"),
            "beforebegin",
        );
    }
}

const interactions = registry.category("public.interactions");
interactions.add("marketing_consent.boxes", ConsentBoxes);
interactions.add("marketing_consent.account_boxes", ConsentAccountBoxes);
interactions.add("marketing_consent.registration_boxes", ConsentRegistrationBoxes);
interactions.add("marketing_consent.checkout_newsletter", ConsentCheckoutNewsletter);
interactions.add("marketing_consent.list_boxes", ConsentListBoxes);
