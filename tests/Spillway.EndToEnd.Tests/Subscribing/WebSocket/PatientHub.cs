namespace Spillway.EndToEnd.Tests.Subscribing.WebSocket;

/// <summary>A hub for tests that count what comes: it asks nobody whether he is there, and a client that closes properly is known by not having to wait.</summary>
internal static class PatientHub
{
    /// <param name="more">Sets more options.</param>
    /// <param name="parked">Whether its loops have the sockets themselves, as those of <c>serve</c> do; else Kestrel has them.</param>
    public static Task<HubServer> StartAsync(Action<SpillwayOptions>? more = null, bool parked = false) => HubServer.StartAsync(
        options =>
        {
            options.Sse.KeepAlive = TimeSpan.FromHours(1);
            options.WebSocket.CloseTimeout = TimeSpan.FromSeconds(60);
            more?.Invoke(options);
        },
        ownSockets: parked);
}
