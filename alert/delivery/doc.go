// Package delivery sends notices to their receivers, from the outbox, until they are
// delivered or cannot be.
//
// The main type is the [Dispatcher]. Each receiver has a courier of its own, a
// goroutine that delivers one message after the other, so that people hear of an alert
// in the order in which it happened, and a receiver that is down delays nobody else.
// The steps, in order:
//
//  1. [Dispatcher.Notify] puts notices into the outbox and wakes the couriers.
//  2. A courier's pace says when the next message may begin: the first at once, the
//     others in groups, and digests in a storm.
//  3. compose makes one message of what waits: the latest news of each alert.
//  4. The message is written down, sent, and tried again for as long as that may help;
//     the backoff says when.
//  5. The outbox learns how it ended, and so does whoever made the dispatcher.
//
// An alert is told at least once: a message may arrive twice, under the same ID. The
// package knows neither formats nor protocols: that is the [Receiver]'s business.
package delivery
