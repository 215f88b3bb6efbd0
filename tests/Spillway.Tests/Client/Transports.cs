using Spillway.Client;

namespace Spillway.Tests.Client;

/// <summary>For tests of what a client does whatever its transport.</summary>
public static class Transports
{
    public static TheoryData<Transport> All => [Transport.Sse, Transport.WebSocket, Transport.LongPolling];

    /// <summary>Those whose hub speaks unasked.</summary>
    public static TheoryData<Transport> Streams => [Transport.Sse, Transport.WebSocket];
}
