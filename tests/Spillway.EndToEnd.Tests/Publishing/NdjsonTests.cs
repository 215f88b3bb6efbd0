using System.Text;
using Spillway.Events;
using Spillway.TestKit;

namespace Spillway.EndToEnd.Tests.Publishing;

public sealed class NdjsonTests : IAsyncLifetime
{
    private readonly ManualTimeProvider _clock = new();
    private PublishHost _host = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _host = await PublishHost.StartAsync(
        static options =>
        {
            options.Limits.EventBytes = 1_024;
            options.Limits.BatchEvents = 10;
            options.Limits.BatchBytes = 4_096;
        },
        _clock);

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    [Fact]
    public async Task PostEvents_GoodBadAndEmptyLines_TheGoodOnesStay()
    {
        var response = await _host.PostLinesAsync(string.Join('\n',
            Line(1), "", " \t\r", "nonsense", Line(2) + "\r", """{"topic":"a/*"}""", Line(3) + Line(4), $$"""{"topic":"a","payload":"{{new string('x', 2_000)}}"}""", "[]", Line(5)));

        Assert.Equal((200, 3, 0, new Position(7, 3).ToString()), (response.Status, response.Accepted, response.Duplicates, response.Cursor));
        Assert.Equal([(4, 400, null), (6, 400, "topic"), (7, 400, null), (8, 413, null), (9, 400, "event")], response.Errors);
        Assert.Equal(["1", "2", "5"], _host.Sink.Payloads);
        Assert.All(response.Body.GetProperty("errors").EnumerateArray(), static error => Assert.NotEmpty(error.GetProperty("title").GetString() + error.GetProperty("detail").GetString()));
        Assert.StartsWith("Not JSON at byte 2: ", response.Body.GetProperty("errors")[0].GetProperty("detail").GetString(), StringComparison.Ordinal);
        Assert.False(response.Body.TryGetProperty("errorsOmitted", out _));
    }

    [Theory]
    [InlineData("")]
    [InlineData("\n\n \n")]
    public async Task PostEvents_NoLines_IsAnEmptyAnswer(string body)
    {
        var response = await _host.PostLinesAsync(body);

        Assert.Equal((200, 0, 0, null, 0), (response.Status, response.Accepted, response.Duplicates, response.Cursor, response.Errors.Count));
    }

    [Fact]
    public async Task PostEvents_MoreThan100BadLines_TheRestIsCounted()
    {
        var response = await _host.PostLinesAsync(string.Join('\n', Enumerable.Range(0, 250).Select(static i => i % 2 == 0 ? "bad" : Line(i))));

        Assert.Equal((125, 100, 25), (response.Accepted, response.Errors.Count, response.Body.GetProperty("errorsOmitted").GetInt32()));
        Assert.Equal(Enumerable.Range(0, 100).Select(static i => (2 * i) + 1), response.Errors.Select(static error => error.Line));
        Assert.Equal(125, _host.Metrics.Sum("spillway.ingress.refused_events", "invalid-json"));
    }

    [Fact]
    public async Task PostEvents_EventsRefusedInTheMiddle_TheOthersStayInOrder()
    {
        await _host.PostJsonAsync("""[{"topic":"over","final":true},{"topic":"a","payload":"first","id":"used"}]""");

        var response = await _host.PostLinesAsync(string.Join('\n',
            """{"topic":"over"}""", Line(1), Line(2), """{"topic":"over"}""", """{"topic":"a","payload":"other","id":"used"}""", Line(3), """{"topic":"late","payload":4,"final":true}""", """{"topic":"late","payload":5}""", """{"topic":"a","payload":"first","id":"used"}""", Line(6), """{"topic":"over"}"""));

        Assert.Equal((5, 1), (response.Accepted, response.Duplicates));
        Assert.Equal([(1, 409, "topic"), (4, 409, "topic"), (5, 422, "id"), (8, 409, "topic"), (11, 409, "topic")], response.Errors);
        Assert.Equal(["", "first", "1", "2", "3", "4", "6"], _host.Sink.Payloads);
    }

    [Fact]
    public async Task PostEvents_CutAtEveryOffset_IsTheSameAnswer()
    {
        var body = Encoding.UTF8.GetBytes("{\"topic\":\"a\",\"payload\":\"é😀\"}\r\n\nbad\n{\"topic\":\"a\",\"payload\":{\"x\":[1]}}");
        for (var cut = 0; cut <= body.Length; cut++)
        {
            var before = _host.Sink.Records.Count;
            await using var request = await RawRequest.ConnectAsync(_host.Address);
            await request.SendHeadAsync("POST /hub/events HTTP/1.1", "Content-Type: application/x-ndjson", "Transfer-Encoding: chunked");
            if (cut > 0)
            {
                await request.SendChunkAsync(body.AsSpan(0, cut));
            }

            if (Array.IndexOf(body, (byte)'\n') < cut)
            {
                await _host.Sink.WaitForRoundAsync(Token); // Its first line is published before the rest is there.
            }

            if (cut < body.Length)
            {
                await request.SendChunkAsync(body.AsSpan(cut));
            }

            await request.SendChunkAsync([]);
            var response = await request.ReadAsync();

            Assert.Equal((200, 2, (3, 400, null)), (response.Status, response.Accepted, Assert.Single(response.Errors)));
            Assert.Equal(["é😀", "{\"x\":[1]}"], _host.Sink.Payloads.Skip(before));
            while (await _host.Sink.TryWaitForRoundAsync())
            {
            }
        }
    }

    [Fact]
    public async Task PostEvents_ConnectionLostAtEveryByte_WholeLinesStayAndTheCutOneDoesNot()
    {
        var body = Encoding.UTF8.GetBytes("{\"topic\":\"a\",\"payload\":1}\n{\"topic\":\"b\",\"payload\":2}\n");
        for (var cut = 0; cut < body.Length; cut++)
        {
            var before = _host.Sink.Records.Count;
            await using var request = await RawRequest.ConnectAsync(_host.Address);
            await request.SendHeadAsync("POST /hub/events HTTP/1.1", "Content-Type: application/x-ndjson", $"Content-Length: {body.Length}");
            await request.SendAsync(body[..cut]);
            if (Array.IndexOf(body, (byte)'\n') < cut)
            {
                await _host.Sink.WaitForRoundAsync(Token);
            }

            request.Cut();
            await _host.WaitForRequestEndAsync();

            Assert.Equal(body.Take(cut).Count(static b => b == '\n'), _host.Sink.Records.Count - before);
        }
    }

    [Fact]
    public async Task PostEvents_ManyMoreLinesThanABatchHolds_AreAllTakenInOrder()
    {
        var body = new StringBuilder();
        for (var i = 0; i < 5_000; i++)
        {
            body.Append(Line(i)).Append('\n');
        }

        var response = await _host.PostLinesAsync(body.ToString());

        Assert.Equal(5_000, response.Accepted);
        Assert.Equal(Enumerable.Range(0, 5_000).Select(static i => $"{i}"), _host.Sink.Payloads);
    }

    [Fact]
    public async Task PostEvents_StreamFallsSilent_IsEndedAndToldWhatIsIn()
    {
        await using var request = await OpenAsync();
        await request.SendChunkAsync(Encoding.UTF8.GetBytes(Line(1) + "\n" + Line(2)));
        await _host.Sink.WaitForRoundAsync(Token);
        await _clock.WaitForTimerAsync(TimeSpan.FromMinutes(5), Token);

        _clock.Advance(TimeSpan.FromMinutes(5));
        var response = await request.ReadAsync();

        Assert.Equal((200, 1, (2, 408, null)), (response.Status, response.Accepted, Assert.Single(response.Errors)));
        Assert.Equal(["1"], _host.Sink.Payloads);
    }

    [Fact]
    public async Task PostEvents_NothingEverCame_Is408()
    {
        await using var request = await OpenAsync();
        await _clock.WaitForTimerAsync(TimeSpan.FromMinutes(5), Token);

        _clock.Advance(TimeSpan.FromMinutes(5));
        var response = await request.ReadAsync();

        Assert.Equal((408, "stream-idle", "Limits:PublishIdle"), (response.Status, response.Problem, response.Text("option")));
    }

    [Fact]
    public async Task PostEvents_LineComesAByteAtATime_IsEndedLikeSilence()
    {
        await using var request = await OpenAsync();
        await request.SendChunkAsync(Encoding.UTF8.GetBytes(Line(1) + "\n"));
        await _host.Sink.WaitForRoundAsync(Token);
        for (var minutes = 5; minutes > 0; minutes--)
        {
            await _clock.WaitForTimerAsync(TimeSpan.FromMinutes(minutes), Token);
            await request.SendChunkAsync("{"u8);
            _clock.Advance(TimeSpan.FromMinutes(1));
        }

        var response = await request.ReadAsync();

        Assert.Equal((200, 1, (2, 408, null)), (response.Status, response.Accepted, Assert.Single(response.Errors)));
    }

    [Theory]
    [InlineData(0, 503, "shutting-down")]
    [InlineData(2, 200, null)]
    public async Task PostEvents_HostStopsWhileNothingIsSent_IsAnsweredAtOnce(int lines, int status, string? problem)
    {
        await using var request = await OpenAsync();
        for (var line = 1; line <= lines; line++)
        {
            await request.SendChunkAsync(Encoding.UTF8.GetBytes(Line(line) + "\n"));
            await _host.Sink.WaitForRoundAsync(Token);
        }

        await _clock.WaitForTimerAsync(TimeSpan.FromMinutes(5), Token);
        _host.BeginStop();
        var response = await request.ReadAsync();

        await _clock.WaitForTimerAsync(TimeSpan.FromSeconds(1), Token); // Its body has no end: that is not waited for.
        _clock.Advance(TimeSpan.FromSeconds(1));
        await _host.WaitForRequestEndAsync();
        Assert.Equal((status, problem), (response.Status, response.Problem));
        if (lines > 0)
        {
            Assert.Equal(lines, response.Accepted);
            Assert.Equal([(lines + 1, 503, null)], response.Errors);
        }
    }

    [Fact]
    public async Task PostEvents_HubStopsInTheMiddle_TellsTheFirstLineThatIsNotIn()
    {
        await using var request = await OpenAsync();
        await request.SendChunkAsync(Encoding.UTF8.GetBytes(Line(1) + "\n" + Line(2) + "\n"));
        await _host.Sink.WaitForRoundAsync(Token);
        await _clock.WaitForTimerAsync(TimeSpan.FromMinutes(5), Token);
        await _host.Backplane.StopAsync(Token);

        await request.SendChunkAsync(Encoding.UTF8.GetBytes("bad\n" + Line(4) + "\n" + Line(5) + "\n"));
        var response = await request.ReadAsync();

        Assert.Equal((200, 2), (response.Status, response.Accepted));
        Assert.Equal([(3, 400, null), (4, 503, null)], response.Errors);
    }

    [Fact]
    public async Task PostEvents_Stream_LiftsTheServersOwnLimits()
    {
        await _host.PostLinesAsync(Line(1));
        await _host.WaitForRequestEndAsync();
        var ofLines = _host.ServerLimits;
        await _host.PostJsonAsync(Line(2));
        await _host.WaitForRequestEndAsync();

        Assert.Equal((null, null), ofLines);
        Assert.Equal(4_096, _host.ServerLimits.BodySize);
        Assert.NotNull(_host.ServerLimits.BodyRate);
    }

    private static string Line(int payload) => $$"""{"topic":"a","payload":{{payload}}}""";

    private async Task<RawRequest> OpenAsync()
    {
        var request = await RawRequest.ConnectAsync(_host.Address);
        await request.SendHeadAsync("POST /hub/events HTTP/1.1", "Content-Type: application/x-ndjson", "Transfer-Encoding: chunked");
        return request;
    }
}
