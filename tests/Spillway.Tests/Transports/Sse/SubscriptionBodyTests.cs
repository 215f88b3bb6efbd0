using System.Text;
using Spillway.Delivery;
using Spillway.Hub;

namespace Spillway.Tests.Transports.Sse;

/// <summary>What a body may ask, through the whole endpoint.</summary>
public sealed class SubscriptionBodyTests
{
    [Theory]
    [InlineData("QUERY")]
    [InlineData("POST")]
    public async Task Read_FullBody_IsTaken(string method)
    {
        const string Body = """{"topics":["a","b","a"],"patterns":["c/**"],"last":5,"format":"json","signals":false,"cursor":null,"snapshot":false,"latest":true,"batch":"200ms","_note":{"any":[1]}}""";
        using var call = new SubscribeCall(method, "?_=1", Body, "application/json; charset=utf-8");

        var asked = await call.AskAsync();

        Assert.Equal(["a", "b"], asked.Selectors.Topics.Select(Encoding.UTF8.GetString));
        Assert.Equal(["c/**"], asked.Selectors.Patterns.Select(static pattern => pattern.Text));
        Assert.Equal((StartKind.Last, 5, WireFormat.SseJson, false, true), (asked.Start, asked.Last, asked.Format, asked.Signals, asked.Latest));
        Assert.Equal(TimeSpan.FromMilliseconds(200), asked.Batch);
    }

    [Theory]
    [InlineData("\"cursor\":\"1zzz-5\"", "Cursor")]
    [InlineData("\"since\":\"15m\"", "Since")]
    [InlineData("\"since\":1.5", "Since")]
    [InlineData("\"since\":\"2026-01-31T09:00:00+01:00\"", "Since")]
    [InlineData("\"earliest\":true", "Earliest")]
    [InlineData("\"snapshot\":true", "Snapshot")]
    [InlineData("\"signals\":true", "Now")]
    public async Task Read_StartingPoint_IsTaken(string member, string start)
    {
        using var call = new SubscribeCall("POST", "", "{\"topics\":[\"a\"]," + member + "}");

        Assert.Equal(Enum.Parse<StartKind>(start), (await call.AskAsync()).Start);
    }

    [Fact]
    public async Task Read_LastEventId_WinsOverTheBody()
    {
        using var call = new SubscribeCall("POST", "", """{"topics":["a"],"earliest":true}""");

        var asked = await call.AskAsync("1zzz-9");

        Assert.Equal((StartKind.Cursor, "1zzz-9"), (asked.Start, asked.Cursor));
    }

    [Fact]
    public async Task Read_ThousandSelectors_AreTakenAndOneMoreIsNot()
    {
        static string Body(int count) => "{\"topics\":[" + string.Join(',', Enumerable.Range(0, count).Select(static i => $"\"a{i}\"")) + "]}";
        using var good = new SubscribeCall("POST", "", Body(1_000));
        using var bad = new SubscribeCall("POST", "", Body(1_001));

        Assert.Equal(1_000, (await good.AskAsync()).Selectors.Topics.Count);
        await bad.HandleAsync();

        Assert.Equal((400, "a1000", 1000), (bad.Response.StatusCode, bad.Problem.GetProperty("value").GetString(), bad.Problem.GetProperty("index").GetInt32()));
        Assert.Equal("Limits:SelectorsInBody", bad.Problem.GetProperty("option").GetString());
        Assert.Equal(1, bad.Refused("invalid-parameter"));
    }

    [Theory]
    [InlineData("", "invalid-json", "line 1")]
    [InlineData("{", "invalid-json", "line 1")]
    [InlineData("{\"topics\":[\"a\"]}\n{}", "invalid-json", "line 2")]
    [InlineData("{\"topics\":[\"a\",]}", "invalid-json", "line 1")]
    [InlineData("[\"a\"]", "invalid-json", "not a JSON object")]
    [InlineData("null", "invalid-json", "not a JSON object")]
    [InlineData("{}", "invalid-parameter", "at least one")]
    [InlineData("{\"topics\":[],\"patterns\":null}", "invalid-parameter", "at least one")]
    [InlineData("{\"topic\":[\"a\"]}", "invalid-parameter", "there are topics, patterns,")]
    [InlineData("{\"topic\":null}", "invalid-parameter", "there are topics, patterns,")]
    [InlineData("{\"topics\":\"a\"}", "invalid-parameter", "holds a; send an array of strings")]
    [InlineData("{\"topics\":[1]}", "invalid-parameter", "holds 1; send an array of strings")]
    [InlineData("{\"topics\":[[\"a\"]]}", "invalid-parameter", "holds [; send an array of strings")]
    [InlineData("{\"topics\":[\"a\"],\"topics\":[\"b\"]}", "invalid-parameter", "given twice")]
    [InlineData("{\"topics\":[\"a\"],\"last\":\"5\"}", "invalid-parameter", "send a number")]
    [InlineData("{\"topics\":[\"a\"],\"last\":5.5}", "invalid-parameter", "1 to 10000")]
    [InlineData("{\"topics\":[\"a\"],\"last\":0}", "invalid-parameter", "1 to 10000")]
    [InlineData("{\"topics\":[\"a\"],\"since\":true}", "invalid-parameter", "send a time or a duration")]
    [InlineData("{\"topics\":[\"a\"],\"since\":-1}", "invalid-parameter", "since \\\"-1\\\"")]
    [InlineData("{\"topics\":[\"a\"],\"cursor\":5}", "invalid-parameter", "send a string")]
    [InlineData("{\"topics\":[\"a\"],\"cursor\":\"5\"}", "invalid-parameter", "as it was")]
    [InlineData("{\"topics\":[\"a\"],\"signals\":\"off\"}", "invalid-parameter", "send true or false")]
    [InlineData("{\"topics\":[\"a\"],\"earliest\":\"\"}", "invalid-parameter", "send true or false")]
    [InlineData("{\"topics\":[\"a\"],\"earliest\":true,\"last\":1}", "invalid-parameter", "earliest and last both")]
    [InlineData("{\"topics\":[\"a/*\"]}", "invalid-topic", "wildcard")]
    [InlineData("{\"topics\":[\"\\ud800\"]}", "invalid-topic", "U+FFFD")]
    [InlineData("{\"\\ud800\":1}", "invalid-parameter", "not known")]
    [InlineData("{\"patterns\":[\"**/a\"]}", "invalid-topic", "last segment")]
    public async Task Read_BadBody_AnswersAProblem(string body, string name, string detail)
    {
        using var call = new SubscribeCall("POST", "", body);

        await call.HandleAsync();

        Assert.Equal((400, "urn:spillway:problem:" + name), (call.Response.StatusCode, call.Problem.GetProperty("type").GetString()));
        Assert.Contains(detail.Replace("\\\"", "\"", StringComparison.Ordinal), call.Problem.GetProperty("detail").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Read_InvalidUtf8_IsInvalidJson()
    {
        using var call = new SubscribeCall("POST", "", "");
        call.SetBody([.. "{\"topics\":[\""u8, 0xFF, .. "\"]}"u8]);

        await call.HandleAsync();

        Assert.Equal("urn:spillway:problem:invalid-json", call.Problem.GetProperty("type").GetString());
        Assert.Contains("UTF-8", call.Problem.GetProperty("detail").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Read_ParameterInTheQuery_IsSentIntoTheBody()
    {
        using var call = new SubscribeCall("QUERY", "?topic=a", """{"topics":["a"]}""");

        await call.HandleAsync();

        Assert.Equal((400, "topic", "a"), (call.Response.StatusCode, call.Problem.GetProperty("field").GetString(), call.Problem.GetProperty("value").GetString()));
        Assert.Contains("put it into the body", call.Problem.GetProperty("detail").GetString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("text/plain")]
    [InlineData("application/x-www-form-urlencoded")]
    public async Task Read_OtherContentType_IsUnsupported(string? contentType)
    {
        using var call = new SubscribeCall("POST", "", """{"topics":["a"]}""", contentType);

        await call.HandleAsync();

        Assert.Equal(415, call.Response.StatusCode);
        Assert.Contains("application/json", call.Problem.GetProperty("detail").GetString(), StringComparison.Ordinal);
        Assert.Equal(1, call.Refused("unsupported-media-type"));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Read_BodyAboveTheLimit_IsRefusedWhetherItsLengthIsDeclaredOrNot(bool declared)
    {
        const int Limit = 2_000;
        static string Body(int length) => "{\"topics\":[\"a\"],\"_\":\"" + new string('x', length - 23) + "\"}";
        using var good = new SubscribeCall("POST", "", Body(Limit));
        using var bad = new SubscribeCall("POST", "", Body(Limit + 1));
        good.Options.Limits.SubscriptionBytes = bad.Options.Limits.SubscriptionBytes = Limit;
        bad.SetBody(Encoding.UTF8.GetBytes(Body(Limit + 1)), declared);

        await good.AskAsync();
        await bad.HandleAsync();

        Assert.Equal(Limit, Body(Limit).Length);
        Assert.Equal((413, "urn:spillway:problem:body-too-large"), (bad.Response.StatusCode, bad.Problem.GetProperty("type").GetString()));
        Assert.Equal(("Limits:SubscriptionBytes", Limit), (bad.Problem.GetProperty("option").GetString(), bad.Problem.GetProperty("limit").GetInt32()));
        Assert.Equal(1, bad.Refused("body-too-large"));
    }
}
