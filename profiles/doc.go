// Package profiles describes load over time, and what the user wrote about it.
//
// A [Profile] is one YAML file: a target, scenarios of steps, the load to ask of it and the objectives to judge it by. The
// package reads such a file, says everything that is wrong with it at once, and turns its load into intended start times.
// It does not know HTTP clients, clocks, files, environment variables or what an objective means: the caller hands in the
// bytes, a function that looks up variables and a function that checks an objective's text.
//
// Reading goes in this order:
//
//  1. package document checks the bytes, parses them within limits and puts variables into values, so that a value can never
//     become structure;
//  2. decode*.go turn nodes into a Profile, and report unknown keys, wrong types and missing units;
//  3. check*.go judge the values. They know paths such as load.rate, never lines, so that [Profile.Validate] can ask the
//     same questions of a profile which flags have changed;
//  4. [Faults] carry what was found, each with its place in the file.
//
// [Load.Schedule] is the other half: a pure description of when each request is meant to start, or each user to be active.
package profiles
