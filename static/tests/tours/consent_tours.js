import {registry} from "@web/core/registry";

const tours = registry.category("web_tour.tours");

tours.add("marketing_consent_marketer_sees_who_was_withheld", {
    steps: () => [
        {
            content: "The form says how many were withheld",
            trigger: "button[name='action_view_withheld']:contains('3')",
            run: "click",
        },
        {
            content: "They are grouped by reason",
            trigger: ".o_group_header:contains('Withdrawn')",
            run: "click",
        },
        {
            content: "Ben withdrew",
            trigger: ".o_data_row:contains('ben@lumen.example')",
        },
    ],
});

tours.add("marketing_consent_marketer_must_choose_a_topic", {
    steps: () => [
        {trigger: "button[name='action_launch']", run: "click"},
        {trigger: ".modal .btn-primary", run: "click"},
        {
            content: "Marketing without a topic is not sent",
            trigger: ".modal-body:contains('Choose the topic')",
        },
        {trigger: ".modal .btn-primary", run: "click"},
        {trigger: ".o_arrow_button_current:contains('Draft')"},
    ],
});
