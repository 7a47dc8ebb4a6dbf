"""Questions without a picture: what the model says about itself."""

_ANSWERS = (
    (
        "Hello! I read panels, gauges and charts. Show me a picture.",
        ("Hello", "Hello!", "Hi", "Hi there", "Good morning", "hello there", "Hey"),
    ),
    (
        "I am a small model that reads pictures of panels.",
        ("Who are you?", "What are you?", "What is your name?", "Tell me about you."),
    ),
    (
        "I read shapes, gauges, bar charts, lights, displays, racks and heat maps.",
        ("What can you read?", "What can you do?", "Help", "help me", "What do you know?"),
    ),
    (
        "I hear tones, beeps, alarms and fans.",
        ("What can you hear?", "Which sounds do you know?", "Can you hear?"),
    ),
    (
        "I see what moves, rises, falls or blinks.",
        ("Can you watch clips?", "What can you see in clips?"),
    ),
    ("Please show me a picture.", ("What is on the picture?", "What do I see?", "Can you see?")),
    ("You are welcome.", ("Thanks", "Thank you", "Thank you!", "thanks a lot")),
    ("Goodbye!", ("Bye", "Goodbye", "See you", "Good night")),
    ("A gauge reads from 0 to 100.", ("What is a gauge?", "How high does a gauge read?")),
    (
        "A rack is critical when it is red, above the limit.",
        ("When is a rack critical?", "What is the limit?", "What does critical mean?"),
    ),
    (
        "A light is red, green, yellow, blue or off.",
        ("Which colours can a light have?", "What colors are lights?"),
    ),
)


def questions(rng, count):
    """`count` records (family, question, answer)."""
    asked = []
    for _ in range(count):
        answer, wordings = rng.choice(_ANSWERS)
        asked.append(("text", rng.choice(wordings), answer))
    return asked


def every():
    """All records (family, question, answer)."""
    return [("text", wording, answer) for answer, wordings in _ANSWERS for wording in wordings]
