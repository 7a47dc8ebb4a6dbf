#!/usr/bin/env python3
"""Asks a router about a picture and gets JSON of a given shape, with Python's standard library.

    python3 docs/how-to/ask-for-json.py http://127.0.0.1:8080 models/panel/examples/rack.png

With OpenAI's client the same body is
    client.chat.completions.create(model='panel', messages=[...], response_format={...}, seed=1, stop=['###'],
                                   extra_body={'top_k': 20, 'min_p': 0.05, 'repetition_penalty': 1.1})
"""
import base64
import json
import mimetypes
import sys
import urllib.error
import urllib.request

SCHEMA = {
    'type': 'object',
    'properties': {
        'description': {'type': 'string', 'maxLength': 80},
        'fault': {'type': 'boolean'},
        'units': {'type': 'array', 'items': {'type': 'integer', 'minimum': 1, 'maximum': 42}, 'maxItems': 4},
    },
    'required': ['description', 'fault', 'units'],
    'additionalProperties': False,
}


def main():
    if len(sys.argv) != 3:
        sys.exit('usage: python3 docs/how-to/ask-for-json.py URL PICTURE')
    url, picture = sys.argv[1:3]
    with open(picture, 'rb') as file:
        data = base64.b64encode(file.read()).decode()
    kind = mimetypes.guess_type(picture)[0] or 'image/png'
    body = {
        'messages': [{'role': 'user', 'content': [
            {'type': 'image_url', 'image_url': {'url': f'data:{kind};base64,{data}'}},
            {'type': 'text', 'text': 'Describe the picture.'},
        ]}],
        'response_format': {
            'type': 'json_schema',
            'json_schema': {'name': 'reading', 'schema': SCHEMA, 'strict': True},
        },
        'max_tokens': 200,
        'logprobs': True,
    }
    request = urllib.request.Request(
        f'{url}/v1/chat/completions', json.dumps(body).encode(),
        {'content-type': 'application/json'})
    try:
        response = urllib.request.urlopen(request, timeout=60)
    except urllib.error.HTTPError as error:
        sys.exit(f"{error.code}: {json.load(error)['error']['message']}")
    except urllib.error.URLError as error:
        sys.exit(f'{url}: {error.reason}')
    with response:
        choice = json.load(response)['choices'][0]
    if choice['finish_reason'] == 'length':
        sys.exit(f"The answer was cut off by max_tokens: {choice['message']['content']}")
    print(json.dumps(json.loads(choice['message']['content']), indent=2))
    least = min(choice['logprobs']['content'], key=lambda token: token['logprob'])
    print(f"least likely token: {least['token']!r}, log-probability {least['logprob']:.2f}")


if __name__ == '__main__':
    main()
