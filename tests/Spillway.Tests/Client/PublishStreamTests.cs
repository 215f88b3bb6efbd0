using System.IO.Pipelines;
using System.Threading.Channels;
using Spillway.Client;

namespace Spillway.Tests.Client;

public sealed class PublishStreamTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task PublishStreamAsync_EventsOverTime_GoOutAsTheyCome()
    {
        var firstSeen = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var hub = new FakeHub(async exchange =>
        {
            await exchange.Request.ReadChunkAsync(exchange.Stopped);
            firstSeen.SetResult();
            while (await exchange.Request.ReadChunkAsync(exchange.Stopped) != "")
            {
            }

            await exchange.AnswerAsync("200 OK", """
                {"accepted":1,"duplicates":0,"cursor":"1-b","errors":[{"line":2,"status":400,"title":"t","detail":"d","field":"topic"}],"errorsOmitted":3}
                """);
        });
        using var client = new SpillwayClient(hub.Address);
        var events = Channel.CreateBounded<OutgoingEvent>(10);

        var publishing = client.PublishStreamAsync(events.Reader.ReadAllAsync(Stop), Stop);
        await events.Writer.WriteAsync(new OutgoingEvent { Topic = "a", Text = "1", Id = "own" }, Stop);
        await firstSeen.Task.WaitAsync(Patience, Stop); // The second event does not exist yet.
        await events.Writer.WriteAsync(new OutgoingEvent { Topic = "*", Text = "2" }, Stop);
        events.Writer.Complete();
        var receipt = await publishing.WaitAsync(Patience, Stop);

        Assert.Equal((1L, 0L, "1-b", 3L), (receipt.Accepted, receipt.Duplicates, receipt.Cursor, receipt.ErrorsOmitted));
        Assert.Equal(new LineFault(2, 400, "t", "d", "topic"), Assert.Single(receipt.Errors));
        Assert.Equal("application/x-ndjson", hub.Requests[0].Headers["Content-Type"]);
        Assert.Equal("{\"topic\":\"a\",\"id\":\"own\",\"payload\":\"1\"}\n{\"topic\":\"*\",\"payload\":\"2\"}\n", hub.Requests[0].Body);
    }

    [Fact]
    public async Task PublishStreamAsync_LinesOverTime_GoOutAsTheyCome()
    {
        var firstSeen = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var hub = new FakeHub(async exchange =>
        {
            await exchange.Request.ReadChunkAsync(exchange.Stopped);
            firstSeen.SetResult();
            while (await exchange.Request.ReadChunkAsync(exchange.Stopped) != "")
            {
            }

            await exchange.AnswerAsync("200 OK", "{\"accepted\":2,\"duplicates\":0,\"cursor\":\"1-b\",\"errors\":[]}");
        });
        using var client = new SpillwayClient(hub.Address);
        var pipe = new Pipe();

        var publishing = client.PublishStreamAsync(pipe.Reader.AsStream(), Stop);
        await pipe.Writer.WriteAsync("{\"topic\":\"a\"}\n"u8.ToArray(), Stop);
        await firstSeen.Task.WaitAsync(Patience, Stop);
        await pipe.Writer.WriteAsync("{\"topic\":\"b\"}"u8.ToArray(), Stop);
        await pipe.Writer.CompleteAsync();
        var receipt = await publishing.WaitAsync(Patience, Stop);

        Assert.Equal((2L, 0), (receipt.Accepted, receipt.Errors.Count));
        Assert.Equal("{\"topic\":\"a\"}\n{\"topic\":\"b\"}", hub.Requests[0].Body);
    }

    [Fact]
    public async Task PublishStreamAsync_ConnectionLost_SaysThatAPartMayBeCommitted()
    {
        await using var hub = new FakeHub(async exchange =>
        {
            await exchange.Request.ReadChunkAsync(exchange.Stopped);
            exchange.Reset();
        });
        using var client = new SpillwayClient(hub.Address);
        var events = Channel.CreateBounded<OutgoingEvent>(10);
        await events.Writer.WriteAsync(new OutgoingEvent { Topic = "a" }, Stop);

        var publishing = client.PublishStreamAsync(events.Reader.ReadAllAsync(Stop), Stop);
        await hub.PlayedAsync();
        events.Writer.Complete();

        var failure = await Assert.ThrowsAsync<SpillwayException>(() => publishing.WaitAsync(Patience, Stop));
        Assert.Contains("may have been committed", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task PublishStreamAsync_RefusedBeforeTheEnd_ThrowsWhatTheHubSaid()
    {
        await using var hub = new FakeHub(async exchange =>
        {
            await exchange.Request.ReadChunkAsync(exchange.Stopped);
            await exchange.ProblemAsync("503 Busy", "overloaded", "Full.");
            while (await exchange.Request.ReadChunkAsync(exchange.Stopped) != "")
            {
            }
        });
        using var client = new SpillwayClient(hub.Address);

        var failure = await Assert.ThrowsAsync<SpillwayException>(() => client.PublishStreamAsync(new MemoryStream("{}"u8.ToArray()), Stop).WaitAsync(Patience, Stop));

        Assert.Equal((503, "Full."), (failure.Status, failure.Detail));
    }
}
