import {ConsentBoxes} from "./consent_boxes";
import {registry} from "@web/core/registry";

/** In the editor the boxes are a picture of what visitors will see: nothing in it can be ticked or typed into. */
const ConsentBoxesEdit = (Base) =>
    class extends Base {
        get lang() {
            return this.el.closest("[lang]")?.lang.replace("-", "_") || super.lang;
        }
        fill(content) {
            super.fill(content);
            this.el.setAttribute("contenteditable", "false");
            for (const input of this.el.querySelectorAll("input")) {
                input.disabled = true;
                input.removeAttribute("name");
            }
        }
        destroy() {
            super.destroy();
            this.el.removeAttribute("contenteditable");
        }
    };

registry.category("public.interactions.edit").add("marketing_consent.boxes", {
    Interaction: ConsentBoxes,
    mixin: ConsentBoxesEdit,
});
