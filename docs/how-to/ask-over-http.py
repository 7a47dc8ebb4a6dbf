#!/usr/bin/env python3
"""Asks a router about a picture over HTTP with Python's standard library; the answer streams in.

    python3 docs/how-to/ask-over-http.py http://127.0.0.1:8080 models/panel/examples/rack.png "Which unit has a fault?"
"""
import base64
import json
import mimetypes
import sys
import urllib.error
import urllib.request


def main():
    if len(sys.argv) != 4:
        sys.exit('usage: python3 docs/how-to/ask-over-http.py URL PICTURE QUESTION')
    url, picture, question = sys.argv[1:4]
    with open(picture, 'rb') as file:
        data = base64.b64encode(file.read()).decode()
    kind = mimetypes.guess_type(picture)[0] or 'image/png'
    body = {
        'messages': [{'role': 'user', 'content': [
            {'type': 'image_url', 'image_url': {'url': f'data:{kind};base64,{data}'}},
            {'type': 'text', 'text': question},
        ]}],
        'stream': True,
        'stream_options': {'include_usage': True},
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
        for line in response:
            if not line.startswith(b'data: {'):
                continue
            chunk = json.loads(line[len(b'data: '):])
            if 'error' in chunk:
                sys.exit(chunk['error']['message'])
            for choice in chunk['choices']:
                print(choice['delta'].get('content', ''), end='', flush=True)
            if chunk.get('usage'):
                print(f"\n{chunk['usage']['completion_tokens']} tokens")
                for stage in chunk['isotherm']['stages']:
                    print(f"{stage['stage']:8} {stage['instance']:18} {stage['total_ms']:8.1f} ms")


if __name__ == '__main__':
    main()
