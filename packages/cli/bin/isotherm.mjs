#!/usr/bin/env node
// Committed, so that an install can link the command before the first build has made dist/.
import '../dist/main.js';
