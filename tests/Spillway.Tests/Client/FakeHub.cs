using System.Net;
using System.Net.Sockets;

namespace Spillway.Tests.Client;

/// <summary>A hub played by a script, over real sockets: the n-th connection gets the n-th act. It answers one request a connection, byte for byte what the act says.</summary>
internal sealed class FakeHub : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
    private readonly List<FakeRequest> _requests = [];
    private readonly Func<FakeExchange, Task>[] _acts;
    private readonly Task _loop;

    public FakeHub(params Func<FakeExchange, Task>[] acts)
    {
        _acts = acts;
        _listener.Start();
        Address = new Uri($"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}/hub");
        _loop = RunAsync();
    }

    public Uri Address { get; }

    /// <summary>The requests so far.</summary>
    public FakeRequest[] Requests
    {
        get
        {
            lock (_requests)
            {
                return [.. _requests];
            }
        }
    }

    /// <summary>Returns once every act has been played.</summary>
    public Task PlayedAsync() => _loop.WaitAsync(TimeSpan.FromSeconds(30), _stop.Token);

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Dispose();
        try
        {
            await _loop;
        }
        catch (OperationCanceledException)
        {
            // Acts that were not called for, or that still wait for their client.
        }

        _stop.Dispose();
    }

    private async Task RunAsync()
    {
        foreach (var act in _acts)
        {
            using var socket = await _listener.AcceptSocketAsync(_stop.Token);
            socket.NoDelay = true;
            await using var stream = new NetworkStream(socket);
            var request = await FakeRequest.ReadHeadAsync(stream, _stop.Token);
            lock (_requests)
            {
                _requests.Add(request);
            }

            var exchange = new FakeExchange(request, socket, stream, _stop.Token);
            await act(exchange).WaitAsync(_stop.Token); // An act may wait for a test that has failed.
            await exchange.FinishAsync();
        }

        _listener.Stop(); // The script is over: whoever comes again is refused, and the test sees it.
    }
}
