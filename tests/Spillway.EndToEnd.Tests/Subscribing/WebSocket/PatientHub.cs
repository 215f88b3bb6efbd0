namespace Spillway.EndToEnd.Tests.Subscribing.WebSocket;

/// <summary>A hub for tests that count what comes: it asks nobody whether he is there, and a client that closes properly is known by not having to wait.</summary>
internal static class PatientHub
{
    /// <param name="more">Sets more options.</param>
    /// <param name="sockets">Whose its sockets are.</param>
    public static Task<HubServer> StartAsync(Action<SpillwayOptions>? more = null, HostSockets sockets = HostSockets.Kestrel) => HubServer.StartAsync(
        options =>
        {
            options.Sse.KeepAlive = TimeSpan.FromHours(1);
            options.WebSocket.CloseTimeout = TimeSpan.FromSeconds(60);
            more?.Invoke(options);
        },
        sockets: sockets);
}
