"""How questions about sounds are put into words; all can be told from those about pictures."""

WORDINGS = {
    "sound-kind": (
        "What kind of sound is it?",
        "What kind of sound do you hear?",
        "Which kind of sound is this?",
    ),
    "sound-quiet": ("Is it quiet?", "Is there nothing to hear?"),
    "describe": (
        "What do you hear?",
        "Describe the sound.",
        "Describe what you hear.",
        "What does it sound like?",
    ),
    "tone-count": ("How many tones are there?", "How many tones do you hear?", "Count the tones."),
    "tone-pitch": (
        "What pitch is the {order} tone?",
        "What is the pitch of the {order} tone?",
        "Which pitch does the {order} tone have?",
    ),
    "tone-any": ("Is there a {pitch} tone?", "Do you hear a {pitch} tone?"),
    "beep-count": ("How many beeps are there?", "How many beeps do you hear?", "Count the beeps."),
    "beep-pitch": (
        "What pitch are the beeps?",
        "What is the pitch of the beeps?",
        "Which pitch do the beeps have?",
    ),
    "alarm-which": (
        "Which alarm is sounding?",
        "Which alarm do you hear?",
        "What kind of alarm is it?",
    ),
    "alarm-any": ("Is an alarm sounding?", "Do you hear an alarm?", "Is there an alarm?"),
    "fan-way": (
        "Is the fan rising or falling?",
        "What does the fan do?",
        "How does the fan sound?",
    ),
    "fan-is": ("Is the fan {way}?", "Does the fan sound {way}?"),
}
