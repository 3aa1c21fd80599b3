package main

import "os"

// terminalName is the console that a process belongs to.
const terminalName = "CONIN$"

// Windows has no jobs, and nothing that stops them.

func inForeground(*os.File) bool { return true }

func keepRunning() {}

func letStop() {}
