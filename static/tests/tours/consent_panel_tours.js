import {registry} from "@web/core/registry";

const tours = registry.category("web_tour.tours");

tours.add("marketing_consent_sales_person_writes_down_a_withdrawal", {
    steps: () => [
        {trigger: "button[name='action_open_consent']:contains('Subscribed')", run: "click"},
        {
            content: "What holds, and why",
            trigger: ".o_consent_matrix td:contains('Granted'):contains('version 1')",
        },
        {
            content: "The exact wording that was read",
            trigger: ".o_consent_timeline summary:contains('News about lamps v1')",
            run: "click",
        },
        {trigger: ".o_consent_wording:contains('I can stop at any time')"},
        {
            trigger:
                ".o_consent_matrix tr:contains('News about lamps') td:nth-child(2) button[name='withdraw']",
            run: "click",
        },
        {trigger: ".o-dropdown-item:contains('Staff, by phone')", run: "click"},
        {trigger: ".o_consent_matrix td:contains('Withdrawn')"},
        {
            content: "The timeline begins with it, and says who wrote it down",
            trigger: ".o_consent_timeline li:first:contains('Withdrawn'):contains('Sam Seller')",
        },
        {trigger: ".o_consent_timeline li:first button[name='open_event']", run: "click"},
        {trigger: ".o_field_widget[name='source']:contains('Staff, by phone')"},
    ],
});

tours.add("marketing_consent_officer_verifies", {
    steps: () => [
        {trigger: "button[name='action_open_consent']", run: "click"},
        {trigger: ".o_consent_timeline li:contains('Given') button[name='prove']"},
        {trigger: ".o_consent_timeline li:contains('Given') button[name='open_event']", run: "click"},
        {trigger: "button[name='action_verify']", run: "click"},
        {trigger: ".o_notification:contains('all is as it was written')"},
    ],
});
