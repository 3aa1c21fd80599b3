package journey

import (
	"fmt"
	"strings"
	"time"
)

// The loads of the gateway's stage. The keys are no secrets: they are those of a backend
// that lives for some seconds, on this machine.
const (
	strangers = profileHead + `scenarios:
  show: {weight: 5, steps: [{get: /api/products/7, name: show, headers: {X-Api-Key: journey-key}}]}
  bad token: {weight: 2, steps: [{get: /api/products/7, name: bad token, headers: {Authorization: Bearer forged}}]}
  bad key: {weight: 2, steps: [{get: /api/products/7, name: bad key, headers: {X-Api-Key: guessed}}]}
  forbidden: {weight: 1, steps: [{get: /api/orders, name: forbidden, headers: {X-Api-Key: journey-key}}]}
`
	withKey = profileHead + `scenarios:
  show: {steps: [{get: /api/products/7, name: show, headers: {X-Api-Key: journey-key}}]}
`
	doorkeeper = `gateway:
  auth: {jwt: {issuer: demo, algorithm: HS256}, api_keys: [journey-key]}
  scopes: {"GET /api/orders": [orders]}
`
)

// steadyShop has the same service time always, so that what a hop costs can be seen.
func steadyShop(name, more string) string {
	return fmt.Sprintf(`version: 1
name: %s
seed: 7
machines:
  web: {cores: 8, queue: 200}
web: {machine: web, cpu: %s}
%s`, name, 2*work, more)
}

// gatewayStage is the step to one door for all.
func gatewayStage() Stage {
	direct := Load{Name: "50/s", Profile: withKey + evenLoad, Rate: 50, Warmup: time.Second, Lasts: 8 * time.Second}
	return Stage{
		Name: "05", Title: "API gateway", Changes: "gateway: none → tokens, keys and scopes",
		Lesson:   "Who may not come in is turned away at the door and costs the shop nothing; everybody else pays one hop.",
		Together: true,
		Cases: []Case{
			{Name: "without", Changes: "no gateway", Topology: Topology{YAML: steadyShop("gateway", "")}, Loads: []Load{direct}},
			{Name: "gateway", Changes: "gateway.auth, gateway.scopes", Topology: Topology{YAML: steadyShop("gateway", doorkeeper)}, Loads: []Load{
				{Name: "strangers", Profile: strangers + openLoad, Rate: 100, Warmup: time.Second, Lasts: 8 * time.Second},
				direct,
			}},
		},
		Read: readGateway,
	}
}

func readGateway(seen []*Observation, _ Theory) Reading {
	all := rows(seen)
	mixed, after := seen[1].Runs[0], seen[1].Runs[1]
	delta := func(counter string) float64 { return mixed.delta("gateway", counter) }
	forwarded, reached := delta("forwarded"), mixed.After.Requests("web")-mixed.Before.Requests("web")
	refused := delta("unauthorised") + delta("forbidden")
	hop := after.Result.Response.P50 - seen[0].Runs[0].Result.Response.P50
	share := refused / max(delta("requests"), 1)
	all[0] = all[0].with(figure("median", seen[0].Runs[0].Result.Response.P50, Seconds, (2 * work).Seconds(), byArithmetic))
	all[1] = all[1].with(
		figure("median", after.Result.Response.P50, Seconds, (2*work).Seconds(), byArithmetic),
		figure("the hop costs", hop, Seconds, 0, ""),
		figureAs("turned away", share, Ratio, 0.5, byArithmetic),
		figureAs("of these reached the shop", max(reached-forwarded, 0), Count, 0, byArithmetic),
	)
	return Reading{
		Rows: all,
		Expectations: []Expectation{
			expect(refused > 0 && reached == forwarded, "no 401 or 403 reaches a replica", fmt.Sprintf("%.0f turned away; %.0f forwarded, %.0f arrived", refused, forwarded, reached)),
			expect(share > 0.45 && share < 0.55, "half of the mixed load is turned away", Ratio.write(share)),
			expect(hop < 0.002, "the hop costs less than 2 ms", seconds(hop), all...),
		},
		Sentence: fmt.Sprintf("The gateway turned %.0f strangers away and the shop heard of none of them; for everybody else it adds %s to the median.", refused, seconds(hop)),
	}
}

// A region is where clients of the stage network are: how far from their edge, and how far
// that is from the origin.
type region struct {
	name         string
	edge, origin time.Duration
}

// regionsShown are those regions, from the nearest one on.
func regionsShown() []region {
	return []region{
		{"us", 10 * time.Millisecond, 20 * time.Millisecond},
		{"eu", 20 * time.Millisecond, 80 * time.Millisecond},
		{"apac", 40 * time.Millisecond, 150 * time.Millisecond},
	}
}

// distances are the regions as topologies have them.
func distances() string {
	var b strings.Builder
	for _, r := range regionsShown() {
		fmt.Fprintf(&b, "    %s: {round_trip: %s, origin_round_trip: %s}\n", r.name, r.edge, r.origin)
	}
	return b.String()
}

// fromRegions asks for the same file everywhere.
const fromRegions = profileHead + `scenarios:
  us: {steps: [{get: /static/app.js, name: us, headers: {X-Region: us}}]}
  eu: {steps: [{get: /static/app.js, name: eu, headers: {X-Region: eu}}]}
  apac: {steps: [{get: /static/app.js, name: apac, headers: {X-Region: apac}}]}
`

// network is the step to a content delivery network.
func network() Stage {
	edges := func(ttl string) string {
		return steadyShop("cdn", fmt.Sprintf(`cdn:
  ttl: %s
  edges:
%s`, ttl, distances()))
	}
	load := []Load{{Name: "60/s", Profile: fromRegions + openLoad, Rate: 60, Warmup: time.Second, Lasts: 8 * time.Second, Drain: time.Second}}
	return Stage{
		Name: "10", Title: "Content delivery network", Changes: "cdn.ttl: 0 s → 60 s at edges in three regions",
		Lesson: "What an edge keeps comes from near by, and the origin hears of it once.",
		Cases: []Case{
			{Name: "edges that keep nothing", Changes: "ttl: 0s", Topology: Topology{YAML: edges("0s")}, Loads: load},
			{Name: "edges that keep", Changes: "ttl: 60s", Topology: Topology{YAML: edges("60s")}, Loads: load},
		},
		Read: readNetwork,
	}
}

func readNetwork(seen []*Observation, _ Theory) Reading {
	all := rows(seen)
	regions := regionsShown()
	var origin [2]float64
	p50 := make([][]float64, len(seen))
	near, ordered := true, true
	for i, o := range seen {
		run := o.Runs[0]
		origin[i] = run.After.Requests("web") - run.Before.Requests("web")
		all[i] = all[i].with(figure("requests at the origin", origin[i], Count, 0, ""))
		for j, r := range regions {
			trips := r.edge
			if i == 0 {
				trips += r.origin + 2*work
			}
			found := run.Result.Endpoint(r.name).Response.P50
			p50[i] = append(p50[i], found)
			ordered = ordered && (j == 0 || found > p50[i][j-1])
			near = near && found >= trips.Seconds() && found < 1.2*trips.Seconds()+0.002
			all[i] = all[i].with(figure("p50 in "+r.name, found, Seconds, trips.Seconds(), byArithmetic))
		}
	}
	last := len(regions) - 1
	return Reading{
		Rows: all,
		Expectations: []Expectation{
			expect(origin[1] <= 6 && origin[0] > 100, "the origin hears of one file a few times at most", fmt.Sprintf("%.0f times, and %.0f without", origin[1], origin[0])),
			expect(near, "each region waits for its own round trip, and for the origin only without a cache: at most 20% and 2 ms more", fmt.Sprintf("%s; without %s", spans(p50[1]), spans(p50[0])), all...),
			expect(ordered, "whoever is farther away waits longer", spans(p50[1]), all...),
		},
		Sentence: fmt.Sprintf("With edges that keep the file a client in Asia waits %s for it instead of %s, and the origin was asked %.0f times instead of %.0f.", seconds(p50[1][last]), seconds(p50[0][last]), origin[1], origin[0]),
	}
}
