// Package receivers writes an [alert.Message] in the form of each kind of service and
// sends it, once.
//
// A [Spec] is what a profile says of a receiver, and a [Receiver] is made of it. To send:
//
//  1. tidy: texts come from the target and from profiles, so they lose control
//     characters and whatever would call people or forge links; lengths get bounds
//  2. page: the message in words, with the texts of the receiver's own templates
//  3. build: the service's form, with less and less in it until it fits the limits
//  4. send: one attempt, no redirects, no retries
//  5. classify: the answer as an [alert.Outcome]
//
// It does not know when a message is due, whether to try again, or what was sent before.
// Secrets are in specs alone: no error, answer, [Request] or print of a type has them.
package receivers
