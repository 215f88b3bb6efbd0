using System.Text;
using Microsoft.AspNetCore.Http;
using Spillway.Access;
using Spillway.TestKit;

namespace Spillway.Tests.Access;

/// <summary>What stands around a gate, and one request to it at a time.</summary>
/// <typeparam name="TTicket">What its endpoint is handed.</typeparam>
internal abstract class RequestRig<TTicket> : IAsyncDisposable
    where TTicket : class
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20); // Real time: only a test that fails waits so long.

    private readonly Task _under = new TaskCompletionSource().Task; // A stream that does not end.
    private TaskCompletionSource _called = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private MemoryStream _body = new();

    protected RequestRig()
    {
        Journal = new AccessJournal(Metrics, Logs.For<AccessJournal>());
        Ask();
    }

    public MetricCollector Metrics { get; } = new();

    public LogCollector Logs { get; } = new();

    public ManualTimeProvider Clock { get; } = new();

    public AccessJournal Journal { get; }

    public DefaultHttpContext Context { get; private set; } = new();

    public IHeaderDictionary Headers => Context.Request.Headers;

    /// <summary>What the endpoint was handed; null: it was not called.</summary>
    public TTicket? Served { get; private set; }

    /// <summary>Whether what was returned is the endpoint's own task.</summary>
    public bool IsHandedOn { get; private set; }

    public int Status => Context.Response.StatusCode;

    public string Challenge => Context.Response.Headers.WWWAuthenticate.ToString();

    public string Answer => Encoding.UTF8.GetString(_body.ToArray());

    /// <summary>Makes another request ready.</summary>
    public void Ask()
    {
        _body.Dispose();
        (_body, _called, Served) = (new MemoryStream(), new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously), null);
        Context = new DefaultHttpContext();
        Context.Request.Headers.Host = "hub.example";
        Context.Response.Body = _body;
    }

    public async ValueTask DisposeAsync()
    {
        await DisposeGateAsync();
        Metrics.Dispose();
        Logs.Dispose();
        await _body.DisposeAsync();
    }

    /// <summary>Has the gate serve the request; returns when the endpoint was called, or the request refused.</summary>
    protected async Task ServeAsync(Func<Func<TTicket, Task>, Task> serve)
    {
        var task = serve(Take);
        IsHandedOn = ReferenceEquals(task, _under);
        if (Served is null)
        {
            await Task.WhenAny(task, _called.Task).WaitAsync(Patience, TestContext.Current.CancellationToken);
        }
    }

    /// <summary>Fails if a word of a credential was answered, or is in a log.</summary>
    protected void AssertNotRepeated(string credential)
    {
        if (credential.Length > 0)
        {
            Assert.DoesNotContain(credential, Answer + Challenge + string.Concat(Logs.Lines.Select(static line => line.Text)), StringComparison.OrdinalIgnoreCase);
        }
    }

    protected abstract ValueTask DisposeGateAsync();

    private Task Take(TTicket ticket)
    {
        Served = ticket;
        _called.TrySetResult();
        return _under;
    }
}
