// Package control lets other processes watch and steer a run, over a socket that only
// its user can open.
//
// A run has one [Server], at control.sock in its directory. Everybody else has a [Client]
// each. Both speak JSON, an object a line:
//
//	server  {"type":"hello","protocol":"floodmark.control/v1","pid":4711}
//	client  {"protocol":"floodmark.control/v1","mode":"steer"}
//	client  {"id":1,"command":"mark","args":["deployed 1.4.2"]}
//	server  {"type":"reply","id":1,"ok":true,"text":"marked at 00:41"}
//	client  {"id":2,"command":"watch"}
//	server  {"type":"reply","id":2,"ok":true}
//	server  {"type":"snapshot","snapshot":{…}}
//	server  {"type":"event","event":{…}}
//	server  {"type":"end"}
//
// The steps, in order:
//
//  1. [Listen] makes the socket where it cannot be opened by others, or elsewhere with a
//     pointer to it, where the run's directory does not take sockets.
//  2. A connection says whether it means to steer; one that only watches can command nothing.
//  3. Commands come out of [Server.Commands], one at a time, and wait for their answer.
//  4. [Server.Publish] and [Server.Tell] hand a snapshot or an event to all who watch. Neither
//     waits for anybody: who reads too slowly misses snapshots, who does not read is dropped.
//  5. [Server.Close] tells everybody that the run has ended, and removes the socket.
//
// The package does not know what commands do, or what is in snapshots and events.
package control
