#!/usr/bin/env python3
"""Asks a router about pictures, sounds and clips over HTTP with Python's standard library; the answer streams in.

    python3 docs/how-to/ask-over-http.py http://127.0.0.1:8080 models/panel/examples/rack.png "Which unit has a fault?"
    python3 docs/how-to/ask-over-http.py http://127.0.0.1:8080 photo.png fan.wav clip.mp4 "Is there an alarm?"
"""
import base64
import json
import mimetypes
import os
import sys
import urllib.error
import urllib.request


SOUNDS = {'.wav': 'wav', '.flac': 'flac', '.ogg': 'ogg', '.opus': 'opus', '.mp3': 'mp3'}


def part(path):
    """A file as a part of a message, by its name; an animated GIF or WebP goes as video_url too, if it is a clip."""
    with open(path, 'rb') as file:
        data = base64.b64encode(file.read()).decode()
    sound = SOUNDS.get(os.path.splitext(path)[1].lower())
    if sound is not None:
        return {'type': 'input_audio', 'input_audio': {'data': data, 'format': sound}}
    kind = mimetypes.guess_type(path)[0] or 'image/png'
    if kind.startswith('video/'):
        return {'type': 'video_url', 'video_url': {'url': f'data:{kind};base64,{data}'}}
    return {'type': 'image_url', 'image_url': {'url': f'data:{kind};base64,{data}'}}


def main():
    if len(sys.argv) < 4:
        sys.exit('usage: python3 docs/how-to/ask-over-http.py URL FILE... QUESTION')
    url, *files, question = sys.argv[1:]
    body = {
        'messages': [{'role': 'user', 'content': [
            *map(part, files),
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
