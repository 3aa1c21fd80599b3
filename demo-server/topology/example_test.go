package topology_test

import (
	"fmt"

	"github.com/floodmark/floodmark/demo-server/topology"
)

func Example() {
	file := `version: 1
machines:
  web: {cores: 2, queue: 200}
web: {machine: web, replicas: 2, cpu: 20ms}
load_balancer: {algorithm: least_connections}
`
	plan, err := topology.Parse("shop.yaml", []byte(file), topology.Options{Set: []string{"web.replicas=3"}})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Print(plan.Diagram(topology.DiagramOptions{Width: 60}))
	for _, host := range plan.Hosts() {
		fmt.Println(host.Name, host.Nodes)
	}
	// Output:
	// shop: precise clock, seed 1
	//
	//                    clients
	//                       │
	//                       ▼
	// ┌─ balancer ─────────────────────────────────┐
	// │ layer 7, least connections                 │
	// └────────────────────────────────────────────┘
	//                       │
	//                       ▼
	// ╔═ machine web × 3: 2 cores each, queue 200 ═╗
	// ║ ┌─ web × 3 ──────────────────────────────┐ ║
	// ║ │ cpu 20ms                               │ ║
	// ║ │ stateless                              │ ║
	// ║ └────────────────────────────────────────┘ ║
	// ╚════════════════════════════════════════════╝
	//
	// ceilings (product pages, nothing cached)
	//   web × 3  300/s  web 20ms
	// web-1 [{web-1 web 1}]
	// web-2 [{web-2 web 2}]
	// web-3 [{web-3 web 3}]
	// balancer [{balancer balancer 1}]
}
