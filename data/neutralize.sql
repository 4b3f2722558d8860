-- a copy tells the SMS provider nothing, and nobody signs calls to it
UPDATE res_company
   SET consent_twilio_sync = false,
       consent_twilio_shared_key = NULL,
       consent_twilio_old_token = NULL;
