package receivers

import "time"

// A form is how the parts of a message become a service's requests.
type form func(r *Receiver, d *draft) ([]call, error)

// limits are what a service takes. Characters are counted in UTF-16 units: services do
// not say what they count, and nothing has fewer units than code points. 0: no limit.
type limits struct {
	title  int // characters of the title
	body   int // characters of the text below the title
	text   int // characters of any other text
	total  int // characters of all texts together
	bytes  int // of the encoded message
	alerts int // listed; the rest is "+N more"
}

// A service is a kind of receiver: what it takes, and how it is spoken to.
type service struct {
	name   string
	uses   string // fields of Spec beyond Name, Type, Title, Timeout, as a profile writes them
	url    string // when the spec has none
	limits limits
	json   bool          // the body template makes JSON
	single bool          // one alert a message
	resend time.Duration // what is not repeated this often is forgotten
	pace   float64       // messages a second
	burst  int
	build  form // nil for exec and file
}

// services returns all kinds, in the order of the documentation. Limits without a source
// are our own, well within what is known.
func services() []service {
	return []service{
		{
			name: "webhook", uses: "url signing_secret headers body allow_http",
			// "payloads under 20 KB": Standard Webhooks 1.0.0, spec/standard-webhooks.md
			limits: limits{bytes: 20_000, alerts: 100}, json: true, pace: 1, burst: 5, build: buildWebhook,
		},
		{
			name: "slack", uses: "url body channel username allow_http",
			// header 150, section text 3 000, field 2 000 characters, 50 blocks: docs.slack.dev Block Kit reference;
			// about 13 200 in all: slackapi/bolt-js#2509. One a second, short bursts: docs.slack.dev rate limits.
			limits: limits{title: 150, body: 2900, text: 1900, total: 10_000, bytes: 64_000, alerts: 10}, pace: 1, burst: 3, build: buildSlack,
		},
		{
			name: "discord", uses: "url body username allow_http",
			// title 256, description 4 096, field value 1 024, footer 2 048, 6 000 in all embeds:
			// discord-api-docs resources/message.mdx, and RichEmbed in discord-api-spec
			limits: limits{title: 256, body: 4000, text: 1024, total: 5900, bytes: 64_000, alerts: 10}, pace: 1, burst: 4, build: buildDiscord,
		},
		{
			name: "msteams", uses: "url body allow_http",
			// 28 KB: learn.microsoft.com connectors/teams; 21 KB were seen to be too much. Four requests a second.
			limits: limits{title: 250, body: 8000, text: 4000, bytes: 18_000, alerts: 10}, pace: 1, burst: 1, build: buildTeams,
		},
		{
			name: "mattermost", uses: "url body channel username allow_http",
			// 16 383 characters a post: Mattermost developer documentation, incoming webhooks
			limits: limits{title: 250, body: 14_000, text: 4000, total: 15_000, bytes: 64_000, alerts: 10}, pace: 1, burst: 1, build: buildMattermost,
		},
		{
			name: "googlechat", uses: "url body allow_http",
			// 32 000 bytes a message, 60 messages a minute and space: developers.google.com Chat limits
			limits: limits{title: 250, body: 8000, text: 4000, bytes: 30_000, alerts: 10}, pace: 0.5, burst: 1, build: buildGoogleChat,
		},
		{
			name: "pagerduty", uses: "url key allow_http", url: "https://events.pagerduty.com/v2/enqueue",
			// summary 1 024 characters, 512 KB, about 120 a minute and key: PagerDuty/developer-docs docs/events-API-v2
			limits: limits{title: 1024, text: 4000, bytes: 500_000}, single: true, pace: 0.5, burst: 5, build: buildPagerDuty,
		},
		{
			name: "opsgenie", uses: "url key body allow_http", url: "https://api.opsgenie.com/v2/alerts",
			// message 130, alias 512, description 15 000 characters: docs.opsgenie.com alerts and alert fields
			limits: limits{title: 130, body: 14_000, text: 4000, bytes: 64_000}, json: true, single: true, pace: 0.5, burst: 5, build: buildOpsgenie,
		},
		{
			name: "alertmanager", uses: "url headers allow_http", // no limits: every alert must arrive, by its exact labels
			resend: 30 * time.Second, pace: 1, burst: 5, build: buildAlertmanager,
		},
		{name: "exec", uses: "command", limits: limits{bytes: 1_000_000, alerts: 100}, pace: 1, burst: 5},
		{name: "file", uses: "path", limits: limits{bytes: 1_000_000, alerts: 100}, pace: 100, burst: 100},
	}
}

// Types returns the names of all kinds of receivers.
func Types() []string {
	var names []string
	for _, s := range services() {
		names = append(names, s.name)
	}
	return names
}

// serviceOf finds a kind by its name.
func serviceOf(name string) (service, bool) {
	for _, s := range services() {
		if s.name == name {
			return s, true
		}
	}
	return service{}, false
}
