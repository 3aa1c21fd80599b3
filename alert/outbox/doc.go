// Package outbox keeps what people are to be told on disk until they have been told.
//
// Each run has one file, of JSON lines with a checksum each:
//
//	{"crc32c":"5d1c0a3f","entry":{"type":"notice","at":"…","notice":{…}}}
//
// The main type is the [Box]. The steps, in order:
//
//  1. [Box.Add] writes notices down before anybody tries to send them.
//  2. [Box.Begin] writes down what a message is composed of before its first attempt,
//     so that whoever goes on after a crash sends the same message under the same ID.
//  3. [Box.Done] or [Box.Dead] writes down how it ended.
//
// Each of these waits for the disk. A disk that fails loses no alert while the process
// lives: everything is in memory too, and the next entry tries to write what is owed.
// After a crash between any two steps [Open] finds what is left; [Read] only looks.
//
// The package does not know how messages are composed, sent or tried again.
package outbox
