package topology

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/floodmark/floodmark/demo-server/cache"
	"github.com/floodmark/floodmark/demo-server/capacity"
	"github.com/floodmark/floodmark/profiles/document"
)

// describe returns what matters of a part, a line each.
func (p *Plan) describe(part string) []string {
	var lines []string
	if p.RateLimit != nil && part == p.limiting() {
		lines = p.describeLimit()
	}
	switch part {
	case RouterPart:
		return append(lines, p.describeCDN()...)
	case FrontPart:
		return append(lines, "layer 4, gateways in turn")
	case GatewayPart:
		return append(p.describeGateway(), lines...)
	case BalancerPart:
		return append(p.describeBalancer(), lines...)
	case WebPart:
		return append(p.describeWeb(), lines...)
	case DatabasePart:
		return p.describeDatabase()
	case CachePart:
		return p.describeNodes()
	case PaymentPart:
		return append(p.describePayment(), p.describeBreaker(part)...)
	case WeatherPart:
		return append(p.describeWeather(), p.describeBreaker(part)...)
	}
	return lines
}

// spoken writes a word of a file for people: least_connections is least connections.
func spoken[W ~string](word W) string { return strings.ReplaceAll(string(word), "_", " ") }

// lawText writes a law for people: exponential 10ms.
func lawText(l capacity.Law) string {
	text := strings.TrimPrefix(l.String(), "fixed:")
	return strings.NewReplacer(":", " ", ",", ", ", "=", " ").Replace(text)
}

// counted writes a number with what it is of.
func counted(n int, one string) string {
	switch {
	case n == 1:
		return "1 " + one
	case strings.HasSuffix(one, "y"):
		return strconv.Itoa(n) + " " + strings.TrimSuffix(one, "y") + "ies"
	}
	return strconv.Itoa(n) + " " + one + "s"
}

// some writes the first of a list, and how many more there are.
func some(list []string) string {
	const most = 3
	if len(list) <= most {
		return strings.Join(list, ", ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(list[:most], ", "), len(list)-most)
}

func short(d time.Duration) string { return document.FormatDuration(d) }

// percent writes a share.
func percent(share float64) string {
	return strconv.FormatFloat(share*100, 'g', 6, 64) + "%"
}

// per writes so many requests in a time: 100/s.
func per(requests int, in time.Duration) string {
	unit, known := map[time.Duration]string{time.Second: "s", time.Minute: "m", time.Hour: "h"}[in]
	if !known {
		unit = short(in)
	}
	return strconv.Itoa(requests) + "/" + unit
}

func (p *Plan) describeLimit() []string {
	l := p.RateLimit
	who := map[Per]string{PerUser: "for each user", PerKey: "for each API key", PerIP: "for each address", Global: "for all together"}[l.Per]
	text := fmt.Sprintf("rate limit %s %s", per(l.Limit, l.Window), who)
	how := spoken(l.Algorithm)
	if l.Burst > 0 && strings.HasSuffix(how, "bucket") {
		how += " of " + strconv.Itoa(l.Burst)
	}
	where := ", counted in memory"
	switch {
	case l.Store == InRedis && l.Redis != "":
		where = ", counted in Redis at " + l.Redis
	case l.Store == InRedis:
		where = ", counted in limits, a stand-in for Redis"
	}
	return []string{text, how + where}
}

func (p *Plan) describeCDN() []string {
	var lines []string
	for _, edge := range p.CDN.Edges {
		lines = append(lines, fmt.Sprintf("edge-%s: %s from clients, %s to the origin", edge.Name, short(edge.RoundTrip), short(edge.OriginRoundTrip)))
	}
	text := "ttl " + short(p.CDN.TTL)
	if p.CDN.StaleIfError > 0 {
		text += ", stale if error " + short(p.CDN.StaleIfError)
	}
	return append(lines, text)
}

func (p *Plan) describeGateway() []string {
	g := p.Gateway
	var who, lines []string
	if g.JWT != nil {
		who = append(who, "tokens ("+g.JWT.Algorithm+" of "+g.JWT.Issuer+")")
	}
	if len(g.APIKeys) > 0 {
		who = append(who, counted(len(g.APIKeys), "API key"))
	}
	if who == nil {
		lines = append(lines, "open to all")
	} else {
		lines = append(lines, "takes "+strings.Join(who, ", "))
	}
	if len(g.Public) > 0 {
		lines = append(lines, "public "+some(g.Public))
	}
	for i, route := range g.Cache {
		if i == 3 {
			lines = append(lines, fmt.Sprintf("and %d more", len(g.Cache)-i))
			break
		}
		lines = append(lines, "keeps "+route.Pattern+" "+short(route.TTL))
	}
	return lines
}

func (p *Plan) describeBalancer() []string {
	b := p.LoadBalancer
	lines := []string{fmt.Sprintf("layer %d, %s", b.Layer, spoken(b.Algorithm))}
	if check := b.HealthCheck; check != nil {
		lines = append(lines, fmt.Sprintf("asks %s every %s, out after %d, in after %d", check.Path, short(check.Interval), check.UnhealthyAfter, check.HealthyAfter))
	}
	if b.Passive > 0 {
		lines = append(lines, fmt.Sprintf("ejects after %s for %s", counted(b.Passive, "failure"), short(b.EjectFor)))
	}
	if b.Sticky != nil {
		lines = append(lines, fmt.Sprintf("sticky by cookie %s, %s", b.Sticky.Cookie, short(b.Sticky.TTL)))
	}
	if b.SlowStart > 0 {
		lines = append(lines, "slow start "+short(b.SlowStart))
	}
	if b.Retries > 0 {
		retries := "1 retry"
		if b.Retries > 1 {
			retries = strconv.Itoa(b.Retries) + " retries"
		}
		lines = append(lines, retries+", budget "+percent(b.RetryBudget))
	}
	return lines
}

func (p *Plan) describeWeb() []string {
	w := p.Web
	state := "stateless"
	if w.State == Stateful {
		state = "stateful: sessions in memory"
	}
	lines := []string{"cpu " + lawText(w.CPU), state}
	if w.Workers > 0 {
		lines[1] += ", " + counted(w.Workers, "worker")
	}
	for i, e := range w.Endpoints {
		if i == 6 {
			lines = append(lines, fmt.Sprintf("and %d more endpoints", len(w.Endpoints)-i))
			break
		}
		text := e.Pattern + " " + lawText(e.CPU)
		if len(e.Calls) > 0 {
			text += ", calls " + strings.Join(e.Calls, ", ")
		}
		lines = append(lines, text)
	}
	for _, o := range w.Overrides {
		lines = append(lines, fmt.Sprintf("%s: speed %s, weight %d", o.Node, document.Decimal(max(o.Speed, 0)), max(o.Weight, 1)))
	}
	if p.Cache != nil {
		lines = append(lines, p.describeCache()...)
	}
	return lines
}

func (p *Plan) describeCache() []string {
	c := p.Cache
	kept := "cache in the nodes alone"
	if c.Capacity > 0 {
		kept = fmt.Sprintf("cache of %d, %s", c.Capacity, spoken(c.Eviction))
	}
	how := spoken(c.Strategy)
	if c.Protection != cache.None {
		how += ", stampedes: " + spoken(c.Protection)
	}
	lines := []string{kept + ", ttl " + short(c.TTL), how}
	if len(c.Addresses) > 0 {
		lines = append(lines, "Redis at "+some(c.Addresses))
	}
	return lines
}

func (p *Plan) describeNodes() []string {
	work := "at no cost"
	if p.Cache.Work.Mean() > 0 {
		work = "each get or set " + lawText(p.Cache.Work)
	}
	return []string{work}
}

func (p *Plan) describeDatabase() []string {
	db := p.Database
	return []string{
		"read " + lawText(db.Read), "write " + lawText(db.Write),
		fmt.Sprintf("pool of %d, wait %s", db.Pool.Max, short(db.Pool.MaxWait)),
	}
}

func (p *Plan) describePayment() []string {
	lines := []string{"latency " + lawText(p.Payment.Latency)}
	if p.Payment.Declines > 0 {
		lines = append(lines, "declines "+p.Payment.Declines.String())
	}
	if p.Payment.Capture > 0 {
		lines = append(lines, "captures after "+short(p.Payment.Capture))
	}
	return lines
}

func (p *Plan) describeWeather() []string {
	quota := "no quota"
	if p.Weather.Quota > 0 {
		quota = "quota " + per(p.Weather.Quota, p.Weather.Per)
	}
	if p.Weather.Fresh > 0 {
		quota += ", fresh " + short(p.Weather.Fresh)
	}
	return []string{"latency " + lawText(p.Weather.Latency), quota}
}

// describeBreaker returns what guards the calls of a third party.
func (p *Plan) describeBreaker(part string) []string {
	for _, b := range p.Breakers {
		if b.Part != part {
			continue
		}
		lines := []string{fmt.Sprintf("breaker: %s open it %s", counted(b.FailureThreshold, "failure"), short(b.Timeout))}
		limits := ""
		if b.CallTimeout > 0 {
			limits = "calls end after " + short(b.CallTimeout)
		}
		if b.Bulkhead > 0 {
			limits = strings.TrimPrefix(limits+", at most "+strconv.Itoa(b.Bulkhead), ", ")
		}
		if limits != "" {
			lines = append(lines, limits)
		}
		if b.Fallback != NoFallback {
			lines = append(lines, "fallback: "+string(b.Fallback))
		}
		return lines
	}
	return nil
}
