using System.Globalization;
using System.Text;
using Spillway.Delivery;
using Spillway.Hub;

namespace Spillway.Tests.Transports.Sse;

/// <summary>What a GET may ask, through the whole endpoint.</summary>
public sealed class SubscriptionQueryTests
{
    private const long Now = 1_769_846_400_000; // The manual clock's: 2026-01-31T08:00:00Z.

    [Fact]
    public async Task Read_Defaults_BeginNowWithPayloadsAndSignals()
    {
        var asked = await SubscribeCall.AskAsync("?topic=a");

        Assert.Equal((StartKind.Now, WireFormat.SseRaw, true), (asked.Start, asked.Format, asked.Signals));
    }

    [Fact]
    public async Task Read_TopicsAndPatterns_CountOnceEach()
    {
        var asked = await SubscribeCall.AskAsync("?topic=b&topic=a%2Fb%20%C3%A4&pattern=a/*&topic=b&pattern=a/*&pattern=**&_=123");

        Assert.Equal(["b", "a/b ä"], asked.Selectors.Topics.Select(Encoding.UTF8.GetString));
        Assert.Equal(["a/*", "**"], asked.Selectors.Patterns.Select(static pattern => pattern.Text));
    }

    [Fact]
    public async Task Read_FormatAndSignals_AreTaken()
    {
        var asked = await SubscribeCall.AskAsync("?topic=a&format=json&signals=off");

        Assert.Equal((WireFormat.SseJson, false), (asked.Format, asked.Signals));
    }

    [Theory]
    [InlineData("cursor=1zzz-5", "Cursor", "1zzz-5", 0, 0)]
    [InlineData("cursor=1zzz-5.7", "Cursor", "1zzz-5.7", 0, 0)]
    [InlineData("earliest", "Earliest", "", 0, 0)]
    [InlineData("earliest=", "Earliest", "", 0, 0)]
    [InlineData("earliest=true", "Earliest", "", 0, 0)]
    [InlineData("earliest=1", "Earliest", "", 0, 0)]
    [InlineData("earliest=false", "Now", "", 0, 0)]
    [InlineData("earliest=0&last=1", "Last", "", 0, 1)]
    [InlineData("snapshot", "Snapshot", "", 0, 0)]
    [InlineData("last=10000", "Last", "", 0, 10_000)]
    [InlineData("since=90", "Since", "", Now - 90_000, 0)]
    [InlineData("since=1.5h", "Since", "", Now - 5_400_000, 0)]
    [InlineData("since=250ms", "Since", "", Now - 250, 0)]
    [InlineData("since=2026-01-31T07:00:00Z", "Since", "", Now - 3_600_000, 0)]
    [InlineData("since=2026-01-31t07:00:00.1239z", "Since", "", Now - 3_600_000 + 123, 0)]
    [InlineData("since=2026-01-31T09:00:00%2B01:30", "Since", "", Now - 1_800_000, 0)]
    [InlineData("since=2026-01-31T09:00:00-01:00", "Since", "", Now + 7_200_000, 0)]
    [InlineData("since=1969-12-31T23:59:59Z", "Since", "", -1_000, 0)]
    public async Task Read_StartingPoint_IsTaken(string parameter, string start, string cursor, long since, int last)
    {
        var asked = await SubscribeCall.AskAsync("?topic=a&" + parameter);

        Assert.Equal((Enum.Parse<StartKind>(start), cursor, since, last), (asked.Start, asked.Cursor, asked.Since, asked.Last));
    }

    [Theory]
    [InlineData("", false)]
    [InlineData("&latest", true)]
    [InlineData("&latest=true&snapshot", true)]
    [InlineData("&latest=0", false)]
    public async Task Read_Latest_IsTaken(string parameter, bool latest) => Assert.Equal(latest, (await SubscribeCall.AskAsync("?topic=a" + parameter)).Latest);

    [Theory]
    [InlineData("", null)]
    [InlineData("&batch=10ms", 10)]
    [InlineData("&batch=1.5s&latest", 1_500)]
    [InlineData("&batch=60", 60_000)]
    public async Task Read_Batch_IsTaken(string parameter, int? milliseconds) =>
        Assert.Equal(milliseconds, (int?)(await SubscribeCall.AskAsync("?topic=a" + parameter)).Batch?.TotalMilliseconds);

    [Theory]
    [InlineData("1zzz-7")]
    [InlineData("1zzz-7.3")]
    [InlineData("something of another server")]
    public async Task Read_LastEventId_WinsOverEveryStartingPoint(string lastEventId)
    {
        foreach (var parameter in new[] { "", "&cursor=1zzz-5", "&earliest", "&since=1h", "&last=3", "&snapshot" })
        {
            var asked = await SubscribeCall.AskAsync("?topic=a" + parameter, lastEventId);

            Assert.Equal((StartKind.Cursor, lastEventId, 0L, 0), (asked.Start, asked.Cursor, asked.Since, asked.Last));
        }
    }

    [Fact]
    public async Task Read_EmptyLastEventId_CountsAsAbsent()
    {
        Assert.Equal(StartKind.Earliest, (await SubscribeCall.AskAsync("?topic=a&earliest", "")).Start);
    }

    [Fact]
    public async Task Read_OverlongLastEventId_IsCut()
    {
        Assert.Equal(new string('x', 64), (await SubscribeCall.AskAsync("?topic=a", new string('x', 5_000))).Cursor);
    }

    [Theory]
    [InlineData("", "topic", null, "at least one")]
    [InlineData("?", "topic", null, "at least one")]
    [InlineData("?format=json", "topic", null, "at least one")]
    [InlineData("?topic=a&topics=b", "topics", "b", "there are topic, pattern,")]
    [InlineData("?Topic=a", "Topic", "a", "there are topic, pattern,")]
    [InlineData("?topic=a&cursor=", "cursor", "", "as it was")]
    [InlineData("?topic=a&cursor=x", "cursor", "x", "as it was")]
    [InlineData("?topic=a&cursor=1zzz-05", "cursor", "1zzz-05", "as it was")]
    [InlineData("?topic=a&cursor=1zzz-5&earliest", "earliest", "", "cursor and earliest both say where to begin")]
    [InlineData("?topic=a&last=1&since=1h", "since", "1h", "last and since both")]
    [InlineData("?topic=a&snapshot=1&earliest=1", "earliest", "1", "snapshot and earliest both")]
    [InlineData("?topic=a&last=1&last=1", "last", "1", "given twice")]
    [InlineData("?topic=a&format=raw&format=json", "format", "json", "given twice")]
    [InlineData("?topic=a&format=xml", "format", "xml", "raw or json")]
    [InlineData("?topic=a&format=", "format", "", "raw or json")]
    [InlineData("?topic=a&signals=true", "signals", "true", "on or off")]
    [InlineData("?topic=a&earliest=yes", "earliest", "yes", "true or false")]
    [InlineData("?topic=a&last=0", "last", "0", "1 to 10000 (Limits:LastEvents)")]
    [InlineData("?topic=a&last=10001", "last", "10001", "1 to 10000 (Limits:LastEvents)")]
    [InlineData("?topic=a&last=-1", "last", "-1", "1 to 10000")]
    [InlineData("?topic=a&last=1e3", "last", "1e3", "1 to 10000")]
    [InlineData("?topic=a&last=99999999999", "last", "99999999999", "1 to 10000")]
    [InlineData("?topic=a&last", "last", "", "1 to 10000")]
    [InlineData("?topic=a&batch=", "batch", "", "10ms to 60000ms (Limits:SubscriptionBatch)")]
    [InlineData("?topic=a&batch=9ms", "batch", "9ms", "10ms to 60000ms")]
    [InlineData("?topic=a&batch=60001ms", "batch", "60001ms", "10ms to 60000ms")]
    [InlineData("?topic=a&batch=0", "batch", "0", "or leave it out")]
    [InlineData("?topic=a&batch=-1s", "batch", "-1s", "like 200ms")]
    [InlineData("?topic=a&batch=1s&batch=1s", "batch", "1s", "given twice")]
    [InlineData("?topic=a&since=", "since", "", "2026-01-31T08:00:00Z")]
    [InlineData("?topic=a&since=yesterday", "since", "yesterday", "2026-01-31T08:00:00Z")]
    [InlineData("?topic=a&since=-5m", "since", "-5m", "2026-01-31T08:00:00Z")]
    [InlineData("?topic=a&since=NaN", "since", "NaN", "2026-01-31T08:00:00Z")]
    [InlineData("?topic=a&since=Infinity", "since", "Infinity", "2026-01-31T08:00:00Z")]
    [InlineData("?topic=a&since=-Infinitys", "since", "-Infinitys", "2026-01-31T08:00:00Z")]
    [InlineData("?topic=a&since=2026-01-31T08:00:00", "since", "2026-01-31T08:00:00", "2026-01-31T08:00:00Z")]
    [InlineData("?topic=a&since=2026-01-31", "since", "2026-01-31", "2026-01-31T08:00:00Z")]
    [InlineData("?topic=a&since=2026-02-30T08:00:00Z", "since", "2026-02-30T08:00:00Z", "2026-01-31T08:00:00Z")]
    [InlineData("?topic=a&since=2026-01-31T08:00:00+01:00", "since", "2026-01-31T08:00:00 01:00", "write \"+\" as %2B")]
    public async Task Read_BadParameter_NamesFieldValueAndRemedy(string query, string field, string? value, string remedy)
    {
        using var call = new SubscribeCall("GET", query);

        await call.HandleAsync();

        Assert.Equal(400, call.Response.StatusCode);
        Assert.Equal("urn:spillway:problem:invalid-parameter", call.Problem.GetProperty("type").GetString());
        Assert.Equal(field, call.Problem.GetProperty("field").GetString());
        Assert.Equal(value, call.Problem.TryGetProperty("value", out var found) ? found.GetString() : null);
        Assert.Contains(remedy, call.Problem.GetProperty("detail").GetString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("?topic=", "topic", "", "is empty")]
    [InlineData("?topic", "topic", "", "is empty")]
    [InlineData("?topic=a/*", "topic", "a/*", "wildcard")]
    [InlineData("?topic=a%0Ab", "topic", "a\nb", "U+000A")]
    [InlineData("?topic=a%00b", "topic", "a\0b", "U+0000")]
    [InlineData("?pattern=**/a", "pattern", "**/a", "last segment")]
    [InlineData("?pattern=", "pattern", "", "is empty")]
    [InlineData("?topic=good&pattern=*/*/*/*/*/*/*/*/*", "pattern", "*/*/*/*/*/*/*/*/*", "8 wildcards")]
    public async Task Read_BadName_IsAnInvalidTopic(string query, string field, string value, string fault)
    {
        using var call = new SubscribeCall("GET", query);

        await call.HandleAsync();

        Assert.Equal((400, "urn:spillway:problem:invalid-topic"), (call.Response.StatusCode, call.Problem.GetProperty("type").GetString()));
        Assert.Equal((field, value), (call.Problem.GetProperty("field").GetString(), call.Problem.GetProperty("value").GetString()));
        Assert.Contains(fault, call.Problem.GetProperty("detail").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Read_AsManySelectorsAsAllowed_AreTaken()
    {
        var query = "?pattern=b/*&" + string.Join('&', Enumerable.Range(0, 99).Select(static i => $"topic=a{i}&topic=a{i}"));

        var asked = await SubscribeCall.AskAsync(query);

        Assert.Equal((99, 1), (asked.Selectors.Topics.Count, asked.Selectors.Patterns.Count));
    }

    [Fact]
    public async Task Read_TooManySelectors_NamesTheLimitAndTheWayOut()
    {
        var query = "?pattern=b/*&" + string.Join('&', Enumerable.Range(0, 100).Select(static i => $"topic=a{i}"));
        using var call = new SubscribeCall("GET", query);

        await call.HandleAsync();

        Assert.Equal((400, "a99"), (call.Response.StatusCode, call.Problem.GetProperty("value").GetString()));
        Assert.Equal(("Limits:SelectorsInQuery", 100), (call.Problem.GetProperty("option").GetString(), call.Problem.GetProperty("limit").GetInt32()));
        Assert.Contains("POST …/subscribe", call.Problem.GetProperty("detail").GetString(), StringComparison.Ordinal);
        Assert.Equal(1, call.Refused("invalid-parameter"));
    }

    [Fact]
    public async Task Read_LastAboveAChangedLimit_NamesTheLimit()
    {
        using var call = new SubscribeCall("GET", "?topic=a&last=6");
        call.Options.Limits.LastEvents = 5;

        await call.HandleAsync();

        Assert.Equal(5, call.Problem.GetProperty("limit").GetInt32());
        Assert.Equal(1, call.Refused("invalid-parameter"));
    }

    [Fact]
    public async Task Read_OverlongValue_IsCutInTheAnswer()
    {
        foreach (var name in new[] { "cursor", "format", "signals", "since", "last", "earliest", "unknown" })
        {
            using var call = new SubscribeCall("GET", string.Create(CultureInfo.InvariantCulture, $"?topic=a&{name}={new string('x', 5_000)}"));

            await call.HandleAsync();

            Assert.Equal(100, call.Problem.GetProperty("value").GetString()!.Length);
            Assert.InRange(call.Body.Length, 100, 800);
        }
    }
}
