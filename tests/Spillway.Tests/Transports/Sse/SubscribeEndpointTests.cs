using System.IO.Pipelines;
using Spillway.Delivery;
using Spillway.TestKit;

namespace Spillway.Tests.Transports.Sse;

public sealed class SubscribeEndpointTests
{
    private const string Opening =
        "retry: 3127\nid: 1zzz-5\nevent: spillway-open\ndata: {\"connection\":\"c-7\",\"keepAlive\":15,\"protocol\":1,\"retry\":3127}\n\n";

    [Fact]
    public async Task HandleAsync_Subscription_AnswersHeadOpeningBlockAndStream()
    {
        using var call = new SubscribeCall();
        call.Hub.Next = new FakeSubscription { Written = "id: 1zzz-6\ndata: x\n\n" };

        await call.HandleAsync();

        Assert.Equal(200, call.Response.StatusCode);
        Assert.Equal("text/event-stream", call.Response.ContentType);
        Assert.Equal("no-store, no-transform", call.Response.Headers.CacheControl);
        Assert.Equal("no", call.Response.Headers["X-Accel-Buffering"]);
        Assert.Equal(3, call.Response.Headers.Count);
        Assert.Equal(Opening + "id: 1zzz-6\ndata: x\n\n", call.Body);
        Assert.True(call.Completed);
        Assert.False(call.Aborted);
    }

    [Fact]
    public async Task HandleAsync_SignalsOff_OpensWithDelayAndIdOnly()
    {
        using var call = new SubscribeCall("GET", "?topic=a&signals=off");

        await call.HandleAsync();

        Assert.Equal("retry: 3127\nid: 1zzz-5\n\n", call.Body);
    }

    [Fact]
    public async Task HandleAsync_KeepAliveOfAFractionOfSeconds_IsToldAsItIs()
    {
        using var call = new SubscribeCall();
        call.Options.Sse.KeepAlive = TimeSpan.FromMilliseconds(1500);

        await call.HandleAsync();

        Assert.Contains("\"keepAlive\":1.5,", call.Body, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("HTTP/1.0", true)]
    [InlineData("HTTP/1.1", true)]
    [InlineData("HTTP/2", false)]
    public async Task HandleAsync_Stream_TurnsOffWhatIsMadeForAnswersThatEnd(string protocol, bool setsRate)
    {
        using var call = new SubscribeCall { Protocol = protocol };

        await call.HandleAsync();

        Assert.True(call.BufferingDisabled);
        Assert.True(call.TimeoutDisabled);
        Assert.Equal(setsRate, call.MinDataRate is null);
    }

    [Theory]
    [InlineData(nameof(CloseReason.TopicsEnded), true, false)]
    [InlineData(nameof(CloseReason.Shutdown), true, false)]
    [InlineData(nameof(CloseReason.Lifetime), true, false)]
    [InlineData(nameof(CloseReason.ClientClosed), false, false)]
    [InlineData(nameof(CloseReason.WriteTimeout), false, true)]
    [InlineData(nameof(CloseReason.Failed), false, true)]
    public async Task HandleAsync_EachCloseReason_EndsProperlyOrAborts(string reason, bool completes, bool aborts)
    {
        var subscription = new FakeSubscription { Reason = Enum.Parse<CloseReason>(reason) };
        using var call = new SubscribeCall();
        call.Hub.Next = subscription;

        await call.HandleAsync();

        Assert.Equal((completes, aborts, 1), (call.Completed, call.Aborted, subscription.Disposals));
    }

    [Fact]
    public async Task HandleAsync_NothingFollows_AnswersNoContentAndGivesTheRegistrationBack()
    {
        var subscription = new FakeSubscription { Ended = true };
        using var call = new SubscribeCall();
        call.Hub.Next = subscription;

        await call.HandleAsync();

        Assert.Equal((204, "", 1, false), (call.Response.StatusCode, call.Body, subscription.Disposals, subscription.HasRun));
        Assert.Equal("no-store", call.Response.Headers.CacheControl);
        Assert.Null(call.Response.ContentType);
    }

    [Fact]
    public async Task HandleAsync_HubFull_TellsAnEventSourceWhenToComeBack()
    {
        using var call = new SubscribeCall();
        call.Hub.Next = null;

        await call.HandleAsync();

        Assert.Equal((200, "text/event-stream", "retry: 3127\n\n"), (call.Response.StatusCode, call.Response.ContentType, call.Body));
        Assert.True(call.Completed);
        Assert.Equal(1, call.Refused("full"));
    }

    [Fact]
    public async Task HandleAsync_HubFullForOurClient_AnswersUnavailableWithRetryAfter()
    {
        using var call = new SubscribeCall();
        call.Options.Limits.Connections = 20;
        call.RequestHeaders["Spillway-Client"] = "dotnet/1";
        call.Hub.Next = null;

        await call.HandleAsync();

        Assert.Equal((503, "4"), (call.Response.StatusCode, call.Response.Headers.RetryAfter.ToString()));
        Assert.Equal("urn:spillway:problem:overloaded", call.Problem.GetProperty("type").GetString());
        Assert.Contains("Limits:Connections (20)", call.Problem.GetProperty("detail").GetString(), StringComparison.Ordinal);
        Assert.Equal(1, call.Refused("full"));
    }

    [Fact]
    public async Task HandleAsync_BadRequest_AnswersAProblemAndAsksNoHub()
    {
        using var call = new SubscribeCall("GET", "?topic=a&last=0");

        await call.HandleAsync();

        Assert.Equal((400, "application/problem+json"), (call.Response.StatusCode, call.Response.ContentType));
        Assert.Equal(("last", "0"), (call.Problem.GetProperty("field").GetString(), call.Problem.GetProperty("value").GetString()));
        Assert.Null(call.Hub.Asked);
        Assert.Equal(1, call.Refused("invalid-parameter"));
    }

    [Fact]
    public async Task HandleAsync_AcceptWithoutAnEventStream_IsNotAcceptable()
    {
        using var call = new SubscribeCall();
        call.RequestHeaders.Accept = "text/html";

        await call.ChooseAsync();

        Assert.Equal(406, call.Response.StatusCode);
        Assert.Contains("text/event-stream", call.Problem.GetProperty("detail").GetString(), StringComparison.Ordinal);
        Assert.Equal(1, call.Refused("not-acceptable"));
    }

    [Fact]
    public async Task HandleAsync_ClientGoneBeforeTheHubAnswers_EndsQuietly()
    {
        using var call = new SubscribeCall { RequestAborted = new CancellationToken(canceled: true) };

        await call.HandleAsync();

        Assert.Equal("", call.Body);
    }

    [Fact]
    public async Task HandleAsync_ClientGoneDuringTheOpening_GivesTheRegistrationBack()
    {
        var subscription = new FakeSubscription();
        var pipe = new Pipe();
        await pipe.Reader.CompleteAsync();
        using var call = new SubscribeCall { Writer = pipe.Writer };
        call.Hub.Next = subscription;

        await call.HandleAsync();

        Assert.Equal((1, false), (subscription.Disposals, subscription.HasRun));
    }

    [Fact]
    public async Task HandleAsync_OpeningNotTakenInTime_IsResetAndGivesTheRegistrationBack()
    {
        var subscription = new FakeSubscription();
        var pipe = new Pipe(new PipeOptions(pauseWriterThreshold: 1, resumeWriterThreshold: 1));
        using var call = new SubscribeCall { Writer = pipe.Writer };
        call.Hub.Next = subscription;

        var handling = call.HandleAsync();
        await call.Time.WaitForTimerAsync(call.Options.Sse.WriteStall, TestContext.Current.CancellationToken);
        call.Time.Advance(call.Options.Sse.WriteStall);
        await handling;

        Assert.Equal((true, 1, false), (call.Aborted, subscription.Disposals, subscription.HasRun));
        Assert.Equal(1, call.Refused("write-timeout"));
    }

    [Fact]
    public async Task HandleAsync_OpeningTakenLate_GoesOn()
    {
        var subscription = new FakeSubscription { Reason = CloseReason.ClientClosed };
        var pipe = new Pipe(new PipeOptions(pauseWriterThreshold: 100, resumeWriterThreshold: 50));
        using var call = new SubscribeCall { Writer = pipe.Writer };
        call.Hub.Next = subscription;

        var handling = call.HandleAsync();
        var taken = await pipe.Reader.ReadAsync(TestContext.Current.CancellationToken);
        Assert.False(handling.IsCompleted);
        pipe.Reader.AdvanceTo(taken.Buffer.End);
        await handling;

        Assert.Equal((false, 1, true), (call.Aborted, subscription.Disposals, subscription.HasRun));
    }

    [Fact]
    public async Task HandleAsync_FaultOfTheHub_GivesTheRegistrationBackAndIsNotHidden()
    {
        var subscription = new FakeSubscription { Fault = new InvalidOperationException("fault") };
        using var call = new SubscribeCall();
        call.Hub.Next = subscription;

        await Assert.ThrowsAsync<InvalidOperationException>(call.HandleAsync);

        Assert.Equal(1, subscription.Disposals);
    }
}
