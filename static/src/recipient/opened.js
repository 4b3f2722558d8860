// The page works without this: it only tells that a person looks at it, which no program does that merely fetches it.
navigator.sendBeacon(location.href, new URLSearchParams({action: "opened"}));
