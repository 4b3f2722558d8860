"""Every known way of a message out of Odoo 19, and every known trap, has a test; this is the list, and it is checked.

M: marketing, gated by itself. F: by its kind, which its template, action or writer states: gated, held or free.
T: never touched.
Numbers are those of the review of Odoo's source that the design rests on.
"""

import ast
from functools import cache
from pathlib import Path

import pytest

TESTS = Path(__file__).resolve().parents[1]
COVERAGE, PATHS, MODES, MUTATION = "test_coverage", "paths", "test_mailing_modes", "test_gate_mutation"
KIND, LEAST = "test_kind", "test_least_user"
WIDE, TRANSACTIONAL = "test_other_addons", "test_transactional_paths"
TRAPS_FILE, SURVIVAL, ROUTES = "test_traps", "test_survival", "test_stock_routes"

#: Number: kind, what, tests (file and function).
EMAIL = {
    1: (
        "M",
        "mailings: cron, button, given ids, A/B, winner, retry",
        [
            (MODES, "test_a_scheduled_mailing_waits_and_is_judged_when_it_leaves"),
            (MODES, "test_given_ids_are_judged_as_well"),
            (MODES, "test_both_variants_and_the_winner_reach_only_who_said_yes"),
            (MODES, "test_the_winner_reaches_the_rest_of_those_who_may_be_written_to_by_then"),
            (MODES, "test_the_winner_that_the_cron_picks_is_judged_too"),
            (MODES, "test_what_failed_is_sent_again_unless_it_may_not_any_more"),
        ],
    ),
    2: ("M", "test of a mailing", [(COVERAGE, "test_tests_go_to_colleagues_and_consenting_people_only")]),
    3: (
        "F",
        "composer in mass mode, from any list of records",
        [
            (PATHS, "path_composer_in_mass_mode"),
            (PATHS, "path_composer_with_a_template"),
            (KIND, "test_text_to_several_people_asks_for_a_kind_by_every_way"),
            (KIND, "test_an_approved_template_is_for_all_until_its_text_is_edited"),
        ],
    ),
    4: (
        "M",
        "composer that makes a mailing by its name",
        [(TRAPS_FILE, "test_a_mailing_made_by_the_composer_needs_a_topic")],
    ),
    5: (
        "F",
        "composer in comment mode, message_post",
        [
            (PATHS, "path_composer_in_comment_mode"),
            (PATHS, "path_message_post"),
            (KIND, "test_a_letter_to_one_person_leaves_by_every_way"),
            (WIDE, "sent_quotation"),
        ],
    ),
    6: (
        "F",
        "messages and mails from a source, stage templates",
        [
            (PATHS, "path_mails_from_a_template_source"),
            (PATHS, "path_messages_from_a_template_source"),
            (WIDE, "path_stage_of_a_task"),
        ],
    ),
    7: (
        "F",
        "send_mail and send_mail_batch of a template",
        [
            (PATHS, "path_template_send_mail"),
            (PATHS, "path_template_send_mail_batch_queued"),
            (PATHS, "path_server_action"),
            (PATHS, "path_flagged_server_action"),
            (PATHS, "path_flagged_server_action_that_posts"),
            (LEAST, "test_text_given_with_a_flagged_template_is_marketing_too"),
            (KIND, "test_a_template_without_a_kind_waits_and_its_owner_has_an_activity"),
            (KIND, "test_actions_on_contacts_leads_and_mailing_contacts_wait_whatever_they_do"),
            (WIDE, "path_cart_recovery_by_cron"),
            (WIDE, "path_cart_recovery_by_rule"),
            (WIDE, "path_loyalty_card"),
            (WIDE, "path_loyalty_points"),
            (WIDE, "path_badge"),
            (WIDE, "path_talk_reminder"),
            (WIDE, "path_course_shared"),
            (WIDE, "path_lesson_shared"),
            (WIDE, "path_lesson_published"),
            (WIDE, "sent_group_subscription"),
            (TRANSACTIONAL, "sent_portal_invitation"),
            (TRANSACTIONAL, "sent_password_reset"),
        ],
    ),
    8: ("F", "event scheduler", [(WIDE, "path_event_reminder"), (WIDE, "path_event_after_registration")]),
    9: (
        "F",
        "wizards and crons that make mails of their own",
        [
            (PATHS, "path_mails_of_code"),
            (PATHS, "path_mails_of_rendered_text"),
            (PATHS, "path_messages_of_rendered_text"),
            (WIDE, "path_survey_invitation"),
            (WIDE, "path_survey_invitation_with_edited_text"),
            (WIDE, "path_course_invitation"),
            (WIDE, "path_course_completed"),
            (WIDE, "path_applicant_refused"),
        ],
    ),
    10: ("T", "back in stock, which people asked for", [(WIDE, "sent_back_in_stock")]),
    11: ("T", "followers of a blog, who chose to follow", [(WIDE, "sent_blog_post_to_followers")]),
    12: ("T", "mail groups, whose members have their own way out", [(WIDE, "sent_group_message")]),
    13: (
        "T",
        "digest and statistics for our own staff",
        [
            (TRANSACTIONAL, "sent_digest"),
            (TRANSACTIONAL, "sent_statistics_of_a_mailing"),
        ],
    ),
    14: (
        "T",
        "answers to undeliverable mail, chat, security alerts",
        [
            (TRANSACTIONAL, "sent_answer_to_mail_that_nobody_takes"),
            (TRANSACTIONAL, "sent_security_alert"),
            (TRANSACTIONAL, "sent_invitation_to_a_channel"),
            (WIDE, "sent_chat_transcript"),
        ],
    ),
    15: (
        "F",
        "queue, retry, schedules",
        [
            (PATHS, "path_scheduled_message"),
            (COVERAGE, "test_an_smtp_failure_does_not_revive_what_was_withheld"),
            (TRANSACTIONAL, "sent_mail_from_the_queue"),
            (TRANSACTIONAL, "sent_message_that_was_scheduled"),
        ],
    ),
    16: ("T", "forms of the website that send mail", [(TRANSACTIONAL, "sent_contact_form")]),
    17: ("F", "requests for a rating", [(WIDE, "path_rating_request")]),
    18: ("M", "marketing cards", [(WIDE, "path_marketing_card")]),
    19: (
        "M",
        "mailings to registrations, talks, orders, applicants …",
        [
            (WIDE, "test_every_model_that_can_be_mailed_is_gated"),
            (COVERAGE, "test_every_model_that_can_be_mailed_is_gated"),
        ],
    ),
}
SMS = {
    1: (
        "M",
        "SMS mailings",
        [
            (MODES, "test_a_scheduled_mailing_waits_and_is_judged_when_it_leaves"),
            (COVERAGE, "test_several_sms_mailings_do_not_share_recipients"),
        ],
    ),
    2: ("M", "test of an SMS mailing", [(COVERAGE, "test_a_test_sms_is_sent_once")]),
    3: (
        "F",
        "composer by numbers, as comment, in mass mode",
        [
            (PATHS, "path_sms_composer_by_numbers"),
            (PATHS, "path_sms_composer_in_comment_mode"),
            (PATHS, "path_sms_composer_in_mass_mode"),
            (LEAST, "test_an_sms_composer_reaches_only_who_said_yes_in_mass_mode"),
            (LEAST, "test_queued_sms_are_judged_when_they_leave"),
        ],
    ),
    4: (
        "F",
        "_message_sms, _message_sms_with_template, _message_sms_schedule_mass",
        [
            (PATHS, "path_sms_with_template"),
            (WIDE, "path_event_sms"),
            (WIDE, "path_appointment_sms"),
            (WIDE, "path_stage_of_a_task_by_sms"),
            (WIDE, "sent_delivery_sms"),
        ],
    ),
    5: ("F", "notifications by SMS", [(PATHS, "path_sms_with_template")]),
    6: (
        "F",
        "server actions",
        [
            (PATHS, "path_sms_server_action"),
            (PATHS, "path_flagged_server_action_by_sms"),
        ],
    ),
    # Every one of them opens the composer. A receipt of the point of sale does as well (that app is not among the
    # tested ones for its size), and the test wizard of the provider sends to a typed number through `sms.sms`.
    7: (
        "F",
        "list actions, visitors, receipts, test of the provider",
        [
            (WIDE, "path_visitor_sms"),
            (PATHS, "path_sms_composer_in_mass_mode"),
            (PATHS, "path_sms_of_code"),
        ],
    ),
    8: (
        "F",
        "queue, send, resend",
        [
            (PATHS, "path_sms_of_code"),
            (MODES, "test_numbers_that_failed_are_resent_only_while_they_may"),
        ],
    ),
}
#: Defects and traps of Odoo, found by running it.
TRAPS = {
    1: (
        "second address of a partner is never checked",
        [(COVERAGE, "test_a_partner_with_two_addresses_needs_a_yes_for_both")],
    ),
    2: (
        "a withheld record uses up its address",
        [(COVERAGE, "test_a_withheld_person_does_not_use_up_the_address_of_another")],
    ),
    3: (
        "nothing to send is traced as sent",
        [(TRAPS_FILE, "test_what_is_withheld_at_the_hand_over_is_not_traced_as_sent")],
    ),
    4: ("the trace of a withheld SMS waits for ever", [(TRAPS_FILE, "test_a_withheld_sms_does_not_wait_for_ever")]),
    5: ("SMS mailings share recipients", [(COVERAGE, "test_several_sms_mailings_do_not_share_recipients")]),
    6: ("a test SMS is sent again by the queue", [(COVERAGE, "test_a_test_sms_is_sent_once")]),
    7: (
        "SMS of two companies stop the queue",
        [("test_sms_sending", "test_two_companies_send_through_their_own_accounts")],
    ),
    8: ("only the first record of an SMS comment", [(PATHS, "path_sms_composer_in_comment_mode")]),
    9: ("an SMS mailing to nobody stays sending", [(COVERAGE, "test_mailings_that_reach_nobody_end_at_once")]),
    10: (
        "merging partners deletes rows",
        [
            (SURVIVAL, "test_merging_two_partners_with_opposite_answers"),
            (SURVIVAL, "test_merging_three_partners_with_opposite_answers"),
        ],
    ),
    11: (
        "subscriptions are made without create()",
        [(TRAPS_FILE, "test_joining_a_list_by_whatever_way_grants_nothing")],
    ),
    12: (
        "deleting a list deletes its opt-outs",
        [
            (SURVIVAL, "test_deleting_partners_users_mailings_and_lists"),
            (TRAPS_FILE, "test_merging_lists_and_deleting_one_undo_no_withdrawal"),
        ],
    ),
    13: ("blacklists block some transactional mail", [(MUTATION, "transactional_sms_ignores_marketing_blocks")]),
    14: (
        "mail.blacklist.create does not reactivate",
        [(COVERAGE, "test_a_blacklist_row_is_a_veto_under_every_spelling")],
    ),
    15: (
        "an SMTP failure revives what was cancelled",
        [(COVERAGE, "test_an_smtp_failure_does_not_revive_what_was_withheld")],
    ),
    16: ("GET unsubscribes", [(ROUTES, "test_looking_at_any_of_them_changes_nothing")]),
    17: (
        "anybody subscribes anybody",
        [
            (TRAPS_FILE, "test_anybody_who_subscribes_somebody_by_the_website_makes_nobody_mailable"),
        ],
    ),
    18: (
        "a mailing targets everybody by default",
        [(TRAPS_FILE, "test_a_mailing_to_everybody_reaches_only_who_said_yes")],
    ),
    19: (
        "an invalid number falls back to the customer's",
        [
            (TRAPS_FILE, "test_an_invalid_number_is_not_replaced_by_another_without_its_own_yes"),
        ],
    ),
}
#: What other products and Odoo itself get wrong with consent.
PEERS = {
    1: (
        "a merge deletes or crashes on consent",
        [
            (SURVIVAL, "test_merging_two_partners_with_opposite_answers"),
            (TRAPS_FILE, "test_the_ledger_refers_to_no_row_that_odoo_merges_or_deletes"),
        ],
    ),
    2: (
        "one anonymous request re-subscribes anybody",
        [
            (TRAPS_FILE, "test_anybody_who_subscribes_somebody_by_the_website_makes_nobody_mailable"),
        ],
    ),
    3: (
        "an opt-in of one list beats an opt-out of another",
        [
            (COVERAGE, "test_several_lists_with_different_topics_need_all_of_them"),
        ],
    ),
    4: ("one flag for e-mail and SMS", [(TRAPS_FILE, "test_a_yes_to_one_channel_is_none_to_the_other")]),
    5: ("history is destroyed", [(TRAPS_FILE, "test_saying_yes_again_keeps_the_earlier_no")]),
    6: ("deleting a person's data deletes the block", [(SURVIVAL, "test_privacy_lookup_that_deletes_all")]),
    7: ("several addresses in one record", [(COVERAGE, "test_a_partner_with_two_addresses_needs_a_yes_for_both")]),
    8: ("IDN twins", [(COVERAGE, "test_a_blacklist_row_is_a_veto_under_every_spelling")]),
    9: (
        "links die with a copied database",
        [
            ("test_concurrency", "test_a_crowd_on_one_link_is_one_withdrawal_and_the_link_outlives_the_databases_name"),
        ],
    ),
    10: ("no index on addresses", [(TRAPS_FILE, "test_one_address_is_found_by_an_index")]),
    11: (
        "scanners answer, one purpose blocks all",
        [
            ("test_crawler", "test_whoever_fetches_every_link_of_every_message_changes_nothing"),
            ("test_unsubscribe", "test_each_scope_stops_what_it_says"),
        ],
    ),
    12: ("a form sent twice passes the confirmation by", [("test_unsubscribe", "test_two_clicks_are_one_withdrawal")]),
}
TABLES = {"e-mail": (EMAIL, 19), "SMS": (SMS, 8), "traps": (TRAPS, 19), "peers": (PEERS, 12)}


@cache
def functions(file):
    tree = ast.parse(next(TESTS.rglob(f"{file}.py")).read_text())
    return {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}


@pytest.mark.parametrize("table", TABLES)
def test_no_row_is_missing(table):
    rows, count = TABLES[table]
    assert list(rows) == list(range(1, count + 1))


@pytest.mark.parametrize("table", TABLES)
def test_each_row_has_tests_that_exist(table):
    for number, (*_about, tests) in TABLES[table][0].items():
        assert tests, number
        for file, function in tests:
            assert function in functions(file), (number, file, function)


def test_each_path_that_is_tried_stands_in_the_list():
    listed = {
        (file, function) for rows in (EMAIL, SMS) for _kind, _what, tests in rows.values() for file, function in tests
    }
    for file, prefix in ((PATHS, "path_"), (WIDE, "path_"), (WIDE, "sent_"), (TRANSACTIONAL, "sent_")):
        for function in functions(file):
            assert not function.startswith(prefix) or (file, function) in listed, function
