"""How questions about clips are put into words; all can be told from those about pictures."""

WORDINGS = {
    "clip-kind": ("What does the clip show?", "What kind of clip is this?", "What is in the clip?"),
    "describe": (
        "What happens in the clip?",
        "Describe the clip.",
        "Describe the video.",
        "What happened?",
    ),
    "move-what": ("What moved?", "Which shape moved?", "What did move in the clip?"),
    "move-way": (
        "Which way did it move?",
        "In which direction did it move?",
        "Which way did the shape move?",
    ),
    "move-from": ("Where did it start?", "From where did it move?", "Where was it at first?"),
    "move-to": ("Where did it end?", "Where did it move to?", "Where did it go?"),
    "move-count": (
        "How many shapes are in the clip?",
        "How many shapes does the clip show?",
        "Count the shapes in the clip.",
    ),
    "move-did": ("Did the {colour} {shape} move?", "Was it the {colour} {shape} that moved?"),
    "gauges-count": (
        "How many gauges are in the clip?",
        "How many gauges does the clip show?",
        "Count the gauges.",
    ),
    "trend-which": ("Which gauge {trend}?", "Where is the gauge that {trend}?"),
    "trend-at": (
        "What did the {place} gauge do?",
        "What happened to the {place} gauge?",
        "Did the {place} gauge rise or fall?",
    ),
    "trend-did": ("Did the {place} gauge {verb}?", "Did the gauge at the {place} {verb}?"),
    "trend-count": ("How many gauges {trend}?", "Count the gauges that {trend}."),
    "blink-which": (
        "Which light began to blink?",
        "Where is the light that began to blink?",
        "Which light blinks?",
    ),
    "blink-colour": (
        "What colour is the light that began to blink?",
        "What colour is the light that blinks?",
    ),
    "blink-at": ("Does the light at the {place} blink?", "Does the {place} light blink?"),
    "went-which": ("Which light went {verb}?", "Where is the light that went {verb}?"),
    "went-colour": (
        "What colour is the light that went {verb}?",
        "Which colour has the light that went {verb}?",
    ),
    "change-at": (
        "What happened to the light at the {place}?",
        "What happened to the {place} light?",
        "What did the {place} light do?",
    ),
}
