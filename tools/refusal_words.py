"""The words by which people refuse messages, in seven languages: data of `refusal`, which reads them.

Words are separated by blanks, phrases by “|”. A trailing * stands for any ending. Spelling is the usual one: `refusal`
folds case, accents, umlauts (ä, ae), doubled letters, hyphens and apostrophes on both sides.
"""

#: By language and role:
#: out      refuses by itself, wherever it stands            cease    ends something, with or without an object
#: send     what we do to people                             things   what we send to them
#: neg      negates a verb                                   none     negates a noun
#: more     any more, any longer                             want     want, need, receive
#: remove   removes something                                me       the person, their address or number
#: lists    where they stand                                 personal what erasure is about
#: away     phrases that send us away                        bare     phrases that refuse an offer
#: fill     may stand beside any of these                    first    “I”, “we”
#: you      “can you”, “will you”: polite requests           wh       question words
WORDS = {
    "en": {
        "out": "unsub* unsubscri* unsuscri* desubscri* deregister* unregister* optout optedout optingout|opt me"
        " out|opt us out|opt out|opting out|opted out|sign me off",
        "cease": "stop stops stopping quit cease desist halt discontinue end enough cancel terminate revoke remove",
        "send": "send sending text texting message messaging mail mailing email emailing contact contacting bother"
        " bothering spam spamming pester pestering harass* write writing sms msg call calling disturb* annoying"
        " notify advertise bombard* hassl* marketing bugging",
        "things": "contact contacts message* msg* text texts mail mails email* sms* newsletter* spam* promo* advert*"
        " ad ads marketing offer offers update updates notification* mailing* junk campaign* alerts subscription*"
        " communication* emailings rubbish crap nonsense",
        "neg": "dont dnt not never nor nolonger|do not|no longer",
        "none": "no nomore zero without",
        "more": "more anymore longer again ever further future",
        "want": "want wanna wish need like care receive receiving get getting interested see hear",
        "get": "receive receiving get getting hear hearing",
        "remove": "remov* delete deleting erase unlist* scrub",
        "me": "me us myself|this number|this address|this phone|my number|my mail|my email*|my adress|my address*|my"
        " name|my phone|my mobile|my contact|my cell|our number|our email*|our address|my e mail|my details",
        "lists": "list lists mailinglist database db contacts records distribution",
        "personal": "data information info details account everything history profile|forget me|be forgotten|gdpr",
        "away": "|leave me alone|leave me the * alone|sod off|bugger off|naff off|jog on|get stuffed|leave me"
        " be|leave us alone|lose my number|go away|piss off|fuck off|get lost|no"
        " spam|count me out|cut it out|knock it off|give it a rest|had enough|fed up|sick of|leave me out|take me"
        " off|take us off|take me out|get me off|drop me from|cross me off|strike me off|take my * off|take my * *"
        " off|take this * off|pull me from|i object|i opt out|scratch me off|kindly remove|off your list|off the"
        " list|withdraw my consent|withdraw consent|revoke my consent|do not disturb|not consent|off ** list|want"
        " off|off of ** list|keep ** spam|keep ** ads|keep ** offers",
        "bare": "no nope nah naw never|no more|not interested|no interest|not for me|no way|i pass|pass|not"
        " wanted|unwanted|dont want|do not want|dont need|do not need|dont like|no longer interested|not any more|not"
        " anymore|absolutely not|certainly not|hell no|id rather not|rather not|no need|im not interested|not my"
        " thing|dont care|dont want to receive|dont want to get|do not want to receive|do not wish to receive|not"
        " keen|dont send|do not send|count me out|interested|no desire|do not care",
        "fill": "please pls plz plse kindly thanks thank thx ty tks you cheers sorry hi hello hey dear sir madam team"
        " guys just now immediately once at asap already right away for good it this that these those all anything"
        " everything me us your the a an to so im i am regards sincerely kind best really ok and any of from on very"
        " much with and thanku stuff ever again both man bro mate dude ffs omg lol with effect will but have has im"
        " good fine all up already name no in",
        "first": "i we ive",
        "you": "can could would will please",
        "wh": "how why when where what who which did does is was are has",
    },
    "nl": {
        "out": "uitschrijv* uitgeschreven afmeld* afgemeld afmelding deabonne* uitschrijving|schrijf ** uit|meld **"
        " af|uit te schrijven|af te melden|opt out|zet mij uit|schrijft u mij uit|schrijven jullie mij"
        " uit|bezwaar|hou ** op|houd ** op|hou ** mee op",
        "cease": "stop stoppen stopt stopzetten ophouden houd hou kap kappen beëindig* staak staken opzeggen"
        " opzegging annuleer annuleren stopzetting genoeg einde",
        "send": "stuur sturen sture stuurt toesturen opsturen versturen zend zenden toezenden mail mailen mailt mailtje"
        " email app appen appt appjes sms smsen smst smssen bericht berichten lastigvallen lastig benader benaderen"
        " contacteer contacteren contact bel bellen schrijf schrijven stoor storen spam spammen whatsappen bestoken"
        " toestuur gemaild gebeld gestuurd",
        "things": "bericht* sms* smsje* mail* email* nieuwsbrief* nieuwsbriev* reclame* spam* aanbieding* advertent*"
        " marketing updates appjes post folder* mailing* promo* abonnement* rommel troep meldingen contact",
        "neg": "niet nooit nie nimmer niets niks",
        "none": "geen gene zonder",
        "more": "meer langer ooit voortaan nog",
        "want": "wil wilt willen wens wensen hoef hoeft hoeven ontvang* krijg* behoefte nodig interesse wachten lezen",
        "get": "ontvang ontvangen krijg krijgen horen",
        "remove": "verwijder* haal halen schrap* wis wissen gooi streep delete deleten doorhalen weghalen",
        "me": "me mij ons|dit nummer|dit adres|mijn nummer|mijn mail*|mijn email*|mijn e mail*|mijn adres*|mijn"
        " naam|mijn telefoon*|mijn gsm*|ons adres|ons nummer|mn nummer|mijn contact*",
        "lists": "lijst* bestand* database* mailing mailinglijst mailinglist adreslijst adressenbestand systeem"
        " verzendlijst"
        " klantenbestand eraf eruit",
        "personal": "gegevens data account alles persoonsgegevens profiel informatie|vergeet mij|vergeet me|avg",
        "away": "|laat me met rust|laat me gerust|laat mij gerust|laat ons gerust|gerust laten|gerust"
        " gelaten|oprotten|opzouten|weg met|mij van ** lijst|me van ** lijst|laat mij met rust|met rust laten|met"
        " rust gelaten|laat ons met rust|rot op|hou"
        " op|houd op|hou er mee op|hou ermee op|houd ermee op|kap ermee|kap er mee|donder op|flikker op|ga weg|weg"
        " ermee|zet me eraf|zet mij eraf|niet meer lastig|val me niet|val mij niet|ben er klaar mee|basta|haal me"
        " eraf|haal me er af|haal mij eraf|haal me eruit|nooit meer|niet meer doen|op te houden|ik ben er klaar"
        " mee|zit ik niet op te wachten|zit hier niet op te wachten|zit er niet op te wachten|trek mijn toestemming"
        " in|toestemming intrekken|trek toestemming in|van de lijst|uit het bestand|van ** lijst af|blijf weg|mag mij"
        " niet|mogen mij niet|mogen me niet",
        "bare": "nee neen ne nope nah|geen interesse|geen belangstelling|niet geïnteresseerd|hoeft niet|hoef"
        " niet|hoef ik niet|laat maar|niet nodig|geen behoefte|geen zin|niet voor mij|liever niet|moet dit"
        " niet|moet dat niet|moet ik niet|wil niet|wil ik"
        " niet|interesseert me niet|interesseert mij niet|bedankt maar nee|boeit me niet|geen trek|zeker niet|niet"
        " meer|absoluut niet|echt niet|niet sturen|niks voor mij|niets voor mij|heb ik niet nodig|wil dit niet|laat"
        " maar zitten|geen prijs|zegt me niets|nee joh|geen zin in",
        "fill": "aub alstublieft alsjeblieft astublieft alsjeblief ajb svp graag dank bedankt dankjewel dankuwel je u"
        " jullie jou jouw uw hoi hallo beste goedendag goedemorgen goedemiddag nu direct meteen onmiddellijk even"
        " maar ermee mee dit dat deze die ook heel erg veel mvg groet groeten vriendelijke met ik me mij het er aan"
        " voor hoor eens alles de al van is dus zo hiermee hier toch gewoon vanaf jullie ben mijn op wel in te"
        " hiervan per ingang heden nou heb we ons verzoek tot bij willen joh zitten hen nog stel",
        "first": "ik wij we",
        "you": "kan kun kunt kunnen wil wilt willen zou zouden mag",
        "wh": "hoe waarom wanneer wie wat waar welke waarvoor is",
    },
    "de": {
        "out": "abmeld* abgemeldet abzumelden abbestell* abzubestellen austragen auszutragen ausgetragen deabonnier*"
        " widerruf* widerspreche widersprechen widerspruch abmeldung kündige kündigen kündigung abbestellung|melde **"
        " ab|melden ** ab|meld ** ab|trage ** aus|tragen ** aus|tragt ** aus|trag ** aus|bestelle ** ab|opt out|abo"
        " beenden|hör ** auf|hört ** auf|hören ** auf",
        "cease": "stop stopp stoppen stoppt aufhören aufhoren beende beenden schluss einstellen stelle stellen"
        " unterlassen unterlasst genug ende storniere stornieren stoppe",
        "send": "sende senden sendet schick schicke schicken schickt schreib schreibe schreiben schreibt zusenden"
        " zuschicken zugesendet zugeschickt sms simsen mail mailen kontaktieren kontaktiere kontaktiert belästig*"
        " nerven nervt anschreiben anrufen texten spam spammen werben benachrichtig* melden meldet zusendung kontakt",
        "things": "kontakt nachricht* sms* mail* email* newsletter* werbung* werbe* spam angebot* reklame post infos"
        " rundmail* mitteilung* zusendung* mailing* abo abonnement* benachrichtigung* werbemail* müll kontakt*",
        "neg": "nicht nich nie niemals nix nichts net",
        "none": "kein keine keinen keinerlei ohne",
        "more": "mehr länger weiter weitere weiteren wieder künftig zukünftig",
        "want": "will wollen möchte möchten wünsche wünschen brauche brauch erhalten bekommen kriegen interessiert"
        " interesse lesen sehen haben",
        "get": "erhalten bekommen kriegen hören empfangen",
        "remove": "lösch* entfern* streich* delete rausnehmen herausnehmen rausschmeißen rauslöschen nimm nehmen"
        " nehmt nehm schmeißt rausstreichen",
        "me": "mich mir uns|diese nummer|dieser nummer|meine nummer|meine mail*|meine email*|meine e mail*|meine"
        " adresse*|meinen namen|meine handy*|meine telefon*|unsere adresse|unsere nummer|meine kontakt*",
        "lists": "liste* verteiler* datenbank* kartei adressliste mailverteiler mailingliste system raus heraus"
        " verteilerliste mailliste newsletterverteiler emailverteiler",
        "personal": "daten account konto alles angaben profil|vergessen sie mich|vergiss mich|dsgvo",
        "away": "|lass mich in ruhe|lasst mich in ruhe|lassen sie mich in ruhe|lass mi in ruah|lasst mi in ruah|in"
        " ruah|in ruhe lassen|mich in frieden|verpiss"
        " dich|verpisst euch|hau ab|verschwinde|geh weg|es reicht|reicht jetzt|mir reichts|mir reicht es|schluss"
        " damit|schluss jetzt|schluss mit|hör auf|hört auf|hören sie auf|hör bitte auf|hören sie bitte"
        " auf|aufhören|nie wieder|lass das|lasst das|lassen sie das|unterlassen sie|nehmen sie mich *|raus aus dem"
        " verteiler|aus dem verteiler|vom verteiler|von der liste|aus der liste|nerv nicht|nerv net|nervt net|nicht"
        " mehr nerven|nervt"
        " nicht|zieh meine einwilligung zurück|ziehe meine einwilligung zurück|einwilligung zurück|genug davon|lass"
        " gut sein|verschon* mich|verschonen sie mich|bleib* mir weg|bleiben sie mir weg|dürfen mich nicht|dürft mich"
        " nicht|runter von ** liste",
        "bare": "raus nein nee nö ne nope nää|kein interesse|nicht interessiert|kein bedarf|kein bock|keine lust|nicht"
        " nötig|brauche ich nicht|brauch ich nicht|brauche nicht|will ich nicht|will nicht|will das nicht|möchte ich"
        " nicht|möchte nicht|möchte das nicht|interessiert mich nicht|interessiert nicht|lieber nicht|ohne mich|auf"
        " keinen fall|nichts für mich|nix für mich|nicht mehr|bestimmt nicht|nicht erwünscht|unerwünscht|nicht"
        " gewünscht|nicht schicken|nicht senden|nicht schreiben|kein interesse mehr|wir verzichten|ich"
        " verzichte|verzichte|nicht mein ding|sicher nicht|niemals|lass mal|lass stecken|keinen wert|danke nicht",
        "fill": "bitte bite danke vielen dank sehr mfg lg vg gruß grüße freundlichen freundliche hallo guten tag moin"
        " sofort jetzt endlich umgehend einfach mal doch sie ihr euch ihnen dir ihre eure das damit es ich mich mir"
        " an den der die diese diesen dieses daran leider herzlichen trotzdem schön schönen wir uns und mit von zu"
        " für im ab hiermit aber ja auch dafür so gar überhaupt wirklich hey liebes team habe haben hab dazu wert auf"
        " lege eurer euren euer ihren ihrer unsererseits",
        "first": "ich wir",
        "you": "kannst könnt können könnten könntest würden würdet würdest bitte",
        "wh": "wie warum wann wer was wo wieso weshalb woher ist",
    },
    "fr": {
        "out": "désabon* desabonn* désinscri* desincri* résili* radiez radier désabo desinscrip* désabonnement|opt"
        " out|me désinscrire",
        "cease": "stop arrêt* arret* cess* cesse cessez fin finir fini termin* halte suffit assez stoppez stopper"
        " annul* interromp* stoppé",
        "send": "envoy* envoi* envois envoie menvoy* nenvoy* mécri* contact* necri* écri* sms texto* mail* spam*"
        " dérang* harcel* sollicit* importun* embêt* message* appel* rappel* relanc* notifi* ecrire communiqu* ennuy*"
        " bombard* inond*",
        "things": "contact contacts message* sms texto* mail* mél courriel* email* newsletter* pub pubs publicit*"
        " promo* offre* spam* infolettre* lettre* sollicitation* notification* démarchage campagne* annonce*"
        " abonnement* envois mailing* courrier* communication* info infos",
        "neg": "pas plus jamais rien",
        "none": "aucun aucune zéro sans|plus de|plus d|pu de|pu d|pas de|pas d|plus aucun|plus aucune|plus vos|plus"
        " ces|non aux",
        "more": "plus jamais davantage désormais encore",
        "want": "veux veu jveux jveu veut vouloir voulons souhait* désir* besoin recev* reçoi* intéress* veulent",
        "get": "recevoir reçois",
        "remove": "retir* enlev* supprim* rayez rayer raye effac* ôtez sortez virez viré delete",
        "me": "moi me m nous|ce numéro|cette adresse|mon numéro|mon mail|mon email|mon adresse|mon nom|mes"
        " coordonnées|mon tel*|mon portable|notre adresse|notre numéro|mon contact|mes contacts",
        "lists": "liste* fichier* base bases répertoire diffusion mailing* contacts carnet registre",
        "personal": "données compte informations coordonnées profil|oubliez moi|oublie moi|rgpd",
        "away": "|laissez moi tranquille|laisse moi tranquille|laissez nous tranquilles|laissez moi en paix|laisse"
        " moi en paix|fichez moi la paix|fiche moi la paix|fous moi la paix|foutez moi la paix|lâchez moi|lâche"
        " moi|ça suffit|ca suffit|cela suffit|y en"
        " a marre|en ai marre|marre de|ras le bol|dégage|dégagez|casse toi|basta|plus rien|m oppose|opposition|me"
        " laisser tranquille|retire mon consentement|retirer mon consentement|mon opposition|par pitié|plus"
        " jamais|pas de spam|allez voir ailleurs|foutez le camp|c est trop|m ôter de|vous interdis|sortir de **"
        " liste|être retiré|être supprimé|être rayé|être désabonné|gardez ** pub*|gardez ** offre*",
        "bare": "non nan nop|pas intéressé|pas intéressée|pas intéressés|aucun intérêt|pas d intérêt|m intéresse"
        " pas|ça ne m intéresse pas|intéresse pas|sans façon|sans moi|pas besoin|pas pour moi|pas la peine|pas"
        " envie|n en veux pas|en veux pas|veux pas|jamais|sûrement pas|certainement pas|ne veux plus|en veux plus|je"
        " passe|surtout pas|pas du tout|ne souhaite pas|ne souhaite plus|plus intéressé|plus intéressée|ne m"
        " intéresse plus|aucune envie|n ai pas besoin|décline|je refuse|refuse|inutile|ne me dit rien|me dit rien|pas"
        " le temps|n en ai pas besoin|pas d utilité",
        "fill": "svp stp merci s il vous te plaît plait bonjour bonsoir madame monsieur cordialement salut de d tout"
        " suite immédiatement maintenant tous toute toutes cela ça ca cette ce ces beaucoup bien à a la le les l un"
        " une je j me m y en vos votre avec du c est et mais toutefois vraiment salutations très rien ne n remercie"
        " vous par avance mr mme bcp envoi au aux désolé moi dès merçi qui que pour on suis c est bon ceci tres"
        " gentil ai ",
        "first": "je j nous",
        "you": "pouvez pourriez peux pourrais veuillez voulez merci prière",
        "wh": "comment pourquoi quand où qui quoi quel quelle est",
    },
    "nb": {
        "out": "avmeld* avregistr* avbestill* utmeld* frabe frabed* fråseg*|si opp|sier opp|meld ** av|melde **"
        " av|meldes av|opt"
        " out|reserverer meg|reservere meg|meld ** ut|melde meg ut",
        "cease": "stop stopp stoppe stopper stans slutt slutte avslutt avslutte avslutter avbryt avbryte kutt kutte"
        " opphør oppsigelse nok terminer avbestille kanseller",
        "send": "send sende sender sendes tekst tekste sms smse melding meldinger mail maile mailer epost kontakt"
        " kontakte kontakter mas mase maser plage plager plag spam spamme skriv skrive skriver ring ringe ringer"
        " forstyrr* tilsend* kontaktes",
        "things": "kontakt e-postene melding* sms* mail* epost* nyhetsbrev* reklame* spam* tilbud* markedsføring*"
        " annonse* post varsel varsler søppel* abonnement* utsendelse* masing mas påminnelser reklamen tull",
        "neg": "ikke ikkje aldri",
        "none": "ingen inga null intet uten ingenting",
        "more": "mer lenger flere fler noensinne igjen meir",
        "want": "vil ønsker ønske trenger trengs få får motta mottar ha interessert interesse behov lese",
        "get": "motta mottar få høre",
        "remove": "fjern fjerne slett slette slettes stryk stryke strykes ta tar",
        "me": "meg oss|nummeret mitt|mitt nummer|dette nummeret|min adresse|min mail|min epost*|navnet mitt|mitt"
        " navn|adressen min|mailen min|eposten min|epostadressen min|telefonnummeret|nummeret vårt|vår adresse|min"
        " epostadresse",
        "lists": "list* lista listene listen register* database* system systemet adresselist* vekk bort mailinglist*",
        "personal": "data opplysning* informasjon konto alt persondata personopplysning* profil|glem meg|gdpr",
        "away": "|la meg være|la meg vere|hold kjeft|la oss være|la meg få være|i fred|dra til|ligg unna|hold"
        " opp|gi dere|gi"
        " deg|nok er nok|stikk|fred og ro|få meg av|ta meg av|ta meg bort|ta meg vekk|trekker samtykket|trekker mitt"
        " samtykke|trekker tilbake|trekke samtykket|trekke tilbake samtykke|la være å sende|slutt med|det holder"
        " nå|av lista|av listen|vil ha fred|slutt nå|pell deg|vil av ** list*|la meg slippe|slippe ** reklame|får"
        " ikke lov|behold ** reklame*",
        "bare": "fjern nei neida nix niks nope næ|ikke interessert|ikkje interessert|ingen interesse|uinteressert|ikke"
        " aktuelt|uaktuelt|ikke for meg|trenger ikke|trenger det ikke|vil ikke|vil ikke ha|vil ikke ha dette|ønsker"
        " ikke|ønsker ikke dette|takk nei|interesserer meg ikke|ellers takk|ikke behov|har ikke behov|ikke noe for"
        " meg|overhodet ikke|absolutt ikke|aldri|ikke mer|ikke ønsket|uønsket|vil ikkje|helst ikke|ikke send|ønsker"
        " det ikke|vil ikke ha det|gidder ikke|orker ikke|trenger jeg ikke",
        "fill": "vennligst vær snill så takk tusen hei hallo mvh hilsen vennlig nå straks umiddelbart med en gang"
        " dere du deg det dette disse den jeg meg å av for på fra til og dine deres alle er bare please pliz ikke som"
        " ha mange vær vennlig snart omgående gang kjære ber om veldig men ellers vi eg noe da på forhånd herved har"
        " går bra fint greit sms-ene her alt",
        "first": "jeg vi eg",
        "you": "kan kunne vil vennligst vær",
        "wh": "hvordan hvorfor når hva hvem hvor hvilken er korleis kvifor",
    },
    "sv": {
        "out": "avregistr* avprenumer* avanmäl* avbeställ* avsäger utträd* avreg|opt out|skriv ut mig|anmäl mig"
        " av|säg upp|säga upp|säger upp",
        "cease": "stop stopp stoppa stoppar sluta slutar slut avsluta avslutar avslut upphör upphöra avbryt avbryta"
        " nog räcker uppsägning avboka",
        "send": "skicka skickar skickas skriv skriva skriver sänd sända sänder sms smsa messa mejla mejl maila mail"
        " meddela meddelanden kontakta kontaktar stör störa spamma spam ring ringa ringer höra trakassera tjata"
        " tjatar besvära utskick kontaktas",
        "things": "kontakt meddeland* sms* mejl* mail* epost* nyhetsbrev* reklam* spam* erbjud* utskick* annons*"
        " marknadsför* post prenumeration* skräp* aviseringar notiser påminnelser tjat medelande*",
        "neg": "inte aldrig ej icke",
        "none": "inga ingen inget utan noll",
        "more": "mer längre fler mera vidare någonsin igen framöver",
        "want": "vill önskar önska behöver få får ta ha intresserad orkar motta intresse läsa emot",
        "get": "motta få höra emot",
        "remove": "radera raderar ta tag avlägsna stryk stryka plocka",
        "me": "mig mej oss|mitt nummer|detta nummer|det här numret|min adress|min mejl*|min mail*|mitt namn|min"
        " epost*|numret mitt|vår adress|vårt nummer|mitt mobilnummer",
        "lists": "list* lista register* databas* sändlist* maillist* mejllist* system systemet bort ur",
        "personal": "uppgifter data konto information allt personuppgifter profil|glöm mig|gdpr",
        "away": "|lämna mig ifred|lämna mig i fred|låt mig vara|lämna oss i fred|ifred|i fred|dra åt|lägg av|lägg"
        " ner|stick|det räcker|räcker nu|nu räcker|det får räcka|sluta med|ta bort mig|ta mig bort|tag bort mig|ta"
        " mig från|ta bort mitt|återkallar mitt samtycke|återkallar samtycke|drar tillbaka mitt samtycke|nog"
        " nu|försvinn|aldrig mer|inget mer|nu får det vara nog|från listan|ur registret|släpp mig|bort från **"
        " list*|slipper helst|vill slippa|låt mig slippa|får inte kontakta|får inte skicka|behåll ** reklam*",
        "bare": "nej nejtack nä nae nepp nope|inte intresserad|ej intresserad|inget intresse|ointresserad|inte"
        " intresserade|inte för mig|behöver inte|behövs inte|vill inte|vill inte ha|tack nej|intresserar mig inte|jag"
        " avstår|avstår|avböjer|inte aktuellt|ej aktuellt|inte nu längre|absolut inte|aldrig|inte mer|oönskat|önskar"
        " inte|nej tack|helst inte|ingenting för mig|inget för mig|skicka inte|vill inte ha det|undanbedes|undanber"
        " mig|orkar inte|behöver jag inte|vill jag inte",
        "fill": "snälla vänligen tack tackar hej hälsning hälsningar mvh med vänlig vänliga nu genast omedelbart"
        " direkt ni du dig er det detta dessa den här jag mig att av för på från till och era alla är bara please så"
        " mycket ber om gärna vi men som ha omgående redan kära väldigt bra mkt då har bra okej sånt här allt av de",
        "first": "jag vi",
        "you": "kan kunde skulle vill snälla vänligen",
        "wh": "hur varför när vad vem vilken är",
    },
    "da": {
        "out": "afmeld* frameld* udmeld* afbestil* frabe frabed*|meld ** fra|meld ** af|meld ** ud|melde **"
        " fra|melde ** ud|melde"
        " ** af|opt out|framelde",
        "cease": "stop stopper stoppe stands slut slutter slutte ophør ophøre afslut afslutte afslutter afbryd"
        " afbryde opsig opsige opsiger nok annuller",
        "send": "send sende sender sendes skriv skrive skriver sms smse mail maile mailer besked beskeder kontakt"
        " kontakte kontakter genere generer gener spam spamme forstyr* ring ringe ringer plag plage plager tilsend*"
        " kontaktes",
        "things": "kontakt besked* sms* mail* nyhedsbrev* reklame* spam* tilbud* markedsføring* annonce* post"
        " abonnement* udsendelse* meddelelse* notifikation* email* påmindelser pis",
        "neg": "ikke aldrig",
        "none": "ingen intet nul uden ingenting",
        "more": "mere længere flere mer nogensinde igen fremover",
        "want": "vil ønsker ønske behøver bruge få får modtage modtager have ha interesseret interesse gider brug",
        "get": "modtage modtager få høre",
        "remove": "fjern fjerne slet slette slettes stryg stryge tag tage",
        "me": "mig os|mit nummer|dette nummer|min adresse|min mail*|mit navn|min email*|vores adresse|vores"
        " nummer|min e mail*|mit mobilnummer|mit telefonnummer",
        "lists": "list* register* database* kartotek system systemet mailinglist* væk",
        "personal": "data oplysninger informationer konto alt persondata personoplysninger profil|glem mig|gdpr",
        "away": "|lad mig være|lad mig vær|lad vær|fri mig for|lad os være|i fred|lad mig nu være|skrid|hold"
        " op|hold nu op|nok er"
        " nok|hold kæft|lad være|lad nu være|tag mig af|tag mig væk|tag mig ud|fra listen|af listen|trækker mit"
        " samtykke|trækker samtykke|trække mit samtykke|slut med|så er det nok|nu er det nok|smut|det er nok nu|ud af"
        " listen|vil af ** list*|lad mig slippe|vil slippe|må ikke kontakte|må ikke skrive|må ikke sende|behold **"
        " reklame*",
        "bare": "fjern nej næ niks nope nix|ikke interesseret|ingen interesse|uinteresseret|ellers tak|ikke noget for"
        " mig|vil ikke|vil ikke have|vil ikke have det|behøver ikke|behøves ikke|tak nej|interesserer mig ikke|ikke"
        " aktuelt|ikke for mig|absolut ikke|aldrig|ikke mere|uønsket|ønsker ikke|gider ikke|gider det ikke|ønsker"
        " ikke dette|ikke nødvendigt|ikke brug for|har ikke brug for|send ikke|ønsker det ikke|helst ikke|orker"
        " ikke|behøver jeg ikke|gider jeg ikke",
        "fill": "venligst vær være søde så venlig tak tusind her hej hallo mvh hilsen hilsner med venlig nu straks"
        " øjeblikkeligt omgående i du jer dig det dette disse den jeg mig at af for på fra til og jeres alle er bare"
        " please som mange sød beder om ellers men vi gerne kære ha noget rigtig bedes jo lige hermed har fint godt"
        " så der alt de",
        "first": "jeg vi",
        "you": "kan kunne vil vær venligst gider",
        "wh": "hvordan hvorfor hvornår hvad hvem hvor hvilken er",
    },
}
#: What tells of the past, or of what “I” do (patterns of folded words): “I have not received your mail”.
CLAIMS = {
    "en": (
        r"(?:havent|hasnt|didnt|have not|did not|got no|received no|arived)",
        r"i (?:wont|do not|dont) (?:text|cal|send|write|mail|contact)\b",
    ),
    "nl": (
        r"(?:heb|heeft|hebt|hebben|had) (?!u|je|julie)(?:\w+ ){0,6}(?:ontvangen|gekregen|gehad|gelezen|gezien"
        r"|gevraagd)",
        r"(?:ik|wij|we) (?:sturen?|bel|belen?|mail|mailen|ap|apen|sms)\b",
    ),
    "de": (
        r"(?:habe?|haben|hat|hate) (?:\w+ ){0,6}(?:bekomen|erhalten|gelesen|gesehen|gekriegt|bestelt)",
        r"(?:ich|wir) (?:schicke?n?|sende?n?|schreibe?n?|rufe?n?)\b",
    ),
    "fr": (
        r"(?:ai|avons|avais|as|avez) (?:pas|plus|jamais|rien|eu) (?:\w+ ){0,3}(?:recu|eu|lu|vu)",
        r"(?:ai|avons) (?:recu|eu) (?:aucun|pas)",
        r"(?:je|j) (?:n )?(?:envoie|apele|apelerai|ecris)\b",
        r"(?<!ne )(?<!n )(?<!m )(?<!me )envoy\w+ (?:moi |nous )?(?:encore )?plus (?:de|d)",
        r"(?<!ne )(?<!n )(?:veux|voudrais|aimerais|souhaite|souhaiterais) (?:recevoir )?plus (?:de|d)",
    ),
    "nb": (
        r"(?:har|hade|fik) (?:ike|ikje|aldri|ingen) (?:\w+ ){0,3}(?:fat|motat|sendt|sett|lest|bedt)",
        r"fik (?:ike|ingen)",
        r"(?:jeg|vi) (?:sender|ringer|skriver|tekster)\b",
    ),
    "sv": (
        r"(?:har|hade) (?:inte|aldrig|inga|inget|ej) (?:\w+ ){0,3}(?:fat|motagit|last|set|skickat|bet)",
        r"fick (?:inte|inga|inget)",
        r"(?:jag|vi) (?:skickar|ringer|skriver|mejlar)\b",
    ),
    "da": (
        r"(?:har|havde) (?:ike|aldrig|ingen|intet) (?:\w+ ){0,3}(?:fat|modtaget|last|set|sendt|bedt)",
        r"fik (?:ike|ingen)",
        r"(?:jeg|vi) (?:sender|ringer|skriver)\b",
    ),
}
#: What makes a no uncertain: a condition, another time, another matter, a mistake. A person decides then.
CONDITIONS = (
    "but only|but keep|but not|but still|except|unless|until|untill|instead|only|before|after|by accident|accidentally"
    "|mistake|resubscribe|re subscribe|yet|tomorrow|tonight|back on|during|while|for now"
    "|alleen|maar wel|maar niet|behalve|tenzij|totdat|tot nader|tot volgend*|in plaats van|per ongeluk"
    "|opnieuw aanmelden|weer aanmelden|vergissing|morgen|vandaag|vanavond|tijdelijk|pas"
    "|nur|außer|bis|sondern|solange|statt|stattdessen|aus versehen|versehentlich|irrtümlich|wieder anmelden|heute"
    "|vorübergehend|erst|noch"
    "|seulement|uniquement|sauf|jusqu*|sinon|au lieu|par erreur|demain|ce soir|avant|pendant|réabonn*|réinscri*"
    "|provisoirement|aujourd hui"
    "|kun|unntatt|inntil|bortsett|i stedet|ved en feil|feiltakelse|i morgen|imorgen|i dag|i kveld|før|midlertidig"
    "|bara|utom|tills|istället|av misstag|imorgon|i morgon|ikväll|idag|innan|tillfälligt|förrän"
    "|miss|missing|missen|verpassen|rater|manquer|louper|glipp|missa|glip"
    "|undtagen|indtil|medmindre|ved en fejl|i aften|i dag|midlertidigt|i stedet for"
)
#: Fillers in one language that are conditions in another, so that they count in their own alone.
CONDITION_LANGUAGES = {
    **dict.fromkeys("but only except unless until untill instead before after yet tomorrow during while".split(), "en"),
    **dict.fromkeys("alleen behalve tenzij totdat morgen vandaag vanavond pas".split(), "nl"),
    **dict.fromkeys("nur außer bis sondern solange statt erst noch heute".split(), "de"),
    **dict.fromkeys("avant sauf sinon demain pendant".split(), "fr"),
    **dict.fromkeys("kun før".split(), "nb"),
    **dict.fromkeys("bara utom tills innan idag".split(), "sv"),
}
#: Matters of business: a no to these is none to messages.
OTHER_MATTERS = (
    "appointment* reservation* booking* order orders delivery deliveries parcel* package* invoice* meeting* table"
    " course class lesson* workshop* party dinner lunch bus train smoking laughing worrying crying talking payment*"
    " monday tuesday wednesday thursday friday saturday sunday sample* quote visit catalogue* repair"
    " afspraak afspraken reservering* boeking* bestelling* levering* pakket pakje* factuur facturen vergadering* tafel"
    " cursus* lessen feest* etentje trein roken bezoek offerte* maandag dinsdag woensdag donderdag vrijdag zaterdag"
    " zondag betaling* training* reparatie* bezorg*"
    " termin* reservierung* buchung* bestellung* lieferung* paket* rechnung* besprechung* tisch kurs* feier zug rauchen"
    " besuch angebotstermin montag dienstag mittwoch donnerstag freitag samstag sonntag zahlung* treffen reparatur*"
    " rdv rendez réservation* commande* livraison* colis facture* réunion* cours fête dîner train fumer visite* devis"
    " voicemail daughter dochter dochtertje zoon zoontje tochter sohn fille fils datter dotter"
    " lundi mardi mercredi jeudi vendredi samedi dimanche paiement* rendezvous atelier réparation*"
    " avtale* time timen reservasjon* bestilling* bestillingen levering* pakke* faktura* møte* bord kurs* fest* røyke"
    " mandag tirsdag onsdag torsdag fredag lørdag søndag betaling* besøk* legetime* verksted* reparasjon*"
    " bokning* beställning* leverans* paket* faktur* möte* kurs* fest* röka måndag tisdag onsdag torsdag fredag lördag"
    " söndag betalning* besök* tid tiden tandläkar* lektion* bord bordet leveransen"
    " aftale* tid tiden reservation* bestilling* levering* pakke* faktura* møde* kursus* ryge mandag lørdag søndag"
    " betaling* besøg* bord bordet frokost middag"
)
#: What a program writes in somebody's absence. It is no answer.
ABSENCE = (
    "out of office|out of the office|away from the office|automatic reply|auto reply|autoreply|automated response"
    "|on annual leave|on vacation|on holiday|on leave until|limited access to email|i am driving|im driving"
    "|maternity leave|parental leave|currently away|will be back|automatically generated|this mailbox is not monitored"
    "|automatisch antwoord|automatische reactie|automatisch bericht|ben afwezig|niet aanwezig|afwezig|niet op kantoor"
    "|buiten kantoor|met vakantie|op vakantie|ben aan het rijden|met verlof|met zwangerschapsverlof"
    "|abwesend|abwesenheit|nicht im büro|nicht im haus|im urlaub|automatische antwort|automatisch generiert|bin wieder"
    " erreichbar|derzeit nicht erreichbar|außer haus|in elternzeit|fahre gerade"
    "|réponse automatique|absent du bureau|absente du bureau|suis absent|suis absente|actuellement absent"
    "|actuellement absente|en congé|en congés|en vacances|message automatique|je conduis|de retour le"
    "|automatisk svar|autosvar|fraværende|ikke til stede|ute av kontoret|på ferie|ikke på kontoret|er bortreist"
    "|tilbake på kontoret|foreldrepermisjon|kjører bil|automatisk melding"
    "|automatiskt svar|frånvarande|inte på kontoret|på semester|på kontoret igen|föräldraledig|åter på kontoret|kör bil"
    "|tjänstledig|autosvar"
    "|ude af kontoret|er på ferie|barselsorlov|ikke til stede|tilbage på kontoret|automatisk besked|kører bil|ikke på"
    " arbejde"
)
#: How mail programs begin the subject of an answer that they write themselves.
AUTOMATIC_SUBJECTS = (
    "automatic reply|auto reply|autoreply|auto response|autoresponse|automated reply|automated response|out of office"
    "|out of the office|ooo|vacation|auto|automatisch antwoord|automatische beantwoording|automatische reactie|afwezig"
    "|afwezigheid|afwezigheidsbericht|automatische antwort|abwesenheit|abwesenheitsnotiz"
    "|abwesenheitsnachricht|abwesenheitsmeldung|réponse automatique|message d absence|absence du bureau|absent"
    "|absence|automatisk svar|autosvar|fravær|fraværsmelding|fraværsmeddelelse|fraværende|ikke til stede"
    "|automatiskt svar|autosvar|frånvaro|frånvarande|frånvaromeddelande|ude af kontoret|ikke på kontoret|autosvar fra"
    "|respuesta automática|risposta automatica|resposta automática|automaattinen vastaus|odpowiedź automatyczna"
    "|automatyczna odpowiedź|fuera de la oficina|fuori sede|undelivered mail|undeliverable|delivery status notification"
    "|mail delivery failed|returned mail|delivery failure|unzustellbar|niet te bestellen|non remis"
)
#: Signs that say no where a message has no letters.
SIGNS = {"🛑": "stop", "✋": "stop", "⛔": "stop", "🚫": "no", "👎": "no", "🙅": "no", "❌": "no", "🖕": "no"}
#: Marks under a text that programs add.
SIGNATURES = (
    "sent from my|sent from outlook|get outlook for|sent from mail|sent from yahoo|sent with"
    "|verzonden vanaf|verstuurd vanaf|verzonden met|outlook voor|verstuurd met"
    "|von meinem * gesendet|gesendet von|gesendet mit|outlook für|diese nachricht wurde von meinem"
    "|envoyé de mon|envoyé depuis|télécharger outlook|obtenir outlook|envoyé à partir"
    "|sendt fra|sendt med|hent outlook|få outlook"
    "|skickat från|skickades från|skickat med|hämta outlook"
)
#: By which somebody means all topics.
ALL = "all alle alla alles allt alt tout tous toutes everything anything stopall"
#: By which somebody means the other channel too, by the one that they write over.
OTHER_CHANNEL = {
    "email": "sms* text texts texting txt phone call calls calling everything alles allt alt tout app appjes whatsapp*"
    " telefoon telefon* telephone telefonisch handy mobiel bel bellen",
    "sms": "mail mails email* emails mailing newsletter* nieuwsbrief* everything alles allt alt tout mejl* epost*"
    " courriel*",
}
#: Words that one letter tells from one that refuses: no typing errors.
SOUND = (
    "gemeld angemeldet aangemeld tilmeldt påmeldt anmeld aanmeld afmaken anmäl avtal abonn"
    " subscri inscri opgave afbeeld tilmeld påmeld avslag aufmelden"
)
#: Words that every language has borrowed, and what fingers make of them.
EVERYWHERE = {"out": "unsub* unsubscri* optout", "cease": "stop stpo sotp tsop stopsvp"}
