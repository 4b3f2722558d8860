import {_t} from "@web/core/l10n/translation";
import {patch} from "@web/core/utils/patch";
import {rpc} from "@web/core/network/rpc";
import {Subscribe} from "@website_mass_mailing/interactions/subscribe";

/** A newsletter whose list stands for a topic has its box below the field; without a tick there is nothing to send. */
patch(Subscribe.prototype, {
    async willStart() {
        const channel = this.inputEl.name === "email" ? "email" : "sms";
        const lang = (document.documentElement.lang || "").replace("-", "_");
        const query = new URLSearchParams({lists: this._getListId(), channel, lang});
        const answer = await this.waitFor(fetch(`/consent/boxes?${query}`));
        this.boxes = document.createElement("div");
        this.boxes.className = "o_consent_boxes mt-3 text-start";
        this.boxes.innerHTML = answer.ok ? await this.waitFor(answer.text()) : "";
        await super.willStart();
    },

    start() {
        super.start?.();
        if (this.boxes.firstElementChild) {
            this.insert(this.boxes, this.el.querySelector(".js_subscribe_wrap"));
        }
    },

    get inputEl() {
        return this.el.querySelector(".js_subscribe_value, .js_subscribe_email, input");
    },

    async onSubscribeClick() {
        if (!this.boxes.firstElementChild) {
            return super.onSubscribeClick();
        }
        const consent = [...this.boxes.querySelectorAll("input:checked")].map((box) => box.value);
        if (!consent.length) {
            return this.tell("warning", _t("Please tick the box, so that we may write to you."));
        }
        const captcha = await this.waitFor(this._recaptcha.getToken("website_mass_mailing_subscribe"));
        if (captcha.error) {
            return this.tell("danger", captcha.error);
        }
        const turnstile = this.el.parentElement.querySelector('input[name="turnstile_captcha"]');
        const result = await this.waitFor(
            rpc("/website_mass_mailing/subscribe", {
                list_id: this._getListId(),
                value: this.inputEl.value,
                subscription_type: this.inputEl.name,
                consent,
                ...(captcha.token ? {recaptcha_token_response: captcha.token} : {}),
                turnstile_captcha: turnstile?.value,
            }),
        );
        if (result.toast_type === "success") {
            this._updateSubscribeControlsStatus(true);
            const modal = this.el.closest(".o_newsletter_modal");
            if (modal) {
                window.Modal.getOrCreateInstance(modal).hide();
            }
        }
        return this.tell(result.toast_type, result.toast_content);
    },

    tell(type, message) {
        this.notification.add(message, {type, sticky: type !== "warning"});
    },
});
