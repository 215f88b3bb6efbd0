using Spillway.EndToEnd.Tests.Cli;
using Spillway.EndToEnd.Tests.Documents;

namespace Spillway.EndToEnd.Tests.Subscribing.WebSocket;

/// <summary>Clients that nobody here wrote, which judge the hub by their own reading of the RFC, and break its rules on purpose: npm ws, and Debian's websockets and wsproto.</summary>
public sealed class ForeignClientTests
{
    [Theory]
    [InlineData("node", "tests/js/webSocketClient.js", 16, HostSockets.Kestrel)]
    [InlineData("node", "tests/js/webSocketClient.js", 16, HostSockets.Native)]
    [InlineData("node", "tests/js/webSocketClient.js", 16, HostSockets.Managed)]
    [InlineData("/usr/bin/python3", "tests/python/web_socket_clients.py", 18, HostSockets.Kestrel)] // Debian's, which has Debian's packages.
    [InlineData("/usr/bin/python3", "tests/python/web_socket_clients.py", 18, HostSockets.Native)]
    [InlineData("/usr/bin/python3", "tests/python/web_socket_clients.py", 18, HostSockets.Managed)]
    public async Task Client_KeepingAndBreakingTheRules_FindsTheHubRight(string program, string script, int checks, HostSockets sockets)
    {
        await using var server = await PatientHub.StartAsync(static options => options.WebSocket.MessagesPerSecond = 10_000, sockets);
        using var sibling = await WireSocket.OpenAsync(server, query: "topic=sibling");
        await using var client = CommandProcess.Start(program, [Path.Combine(Tree.Root, script), server.Address.ToString().TrimEnd('/')]);

        var code = await client.ExitAsync();

        Assert.True(code == 0, $"{client.Out}{client.Error}");
        Assert.Equal($"{checks} checks", client.Out.Lines[^1]);
        await server.WaitForConnectionsAsync(1);
        await server.PublishAsync("sibling", "x");
        Assert.Equal("x", (await sibling.ReadJsonAsync()).GetProperty("payload").GetString());
        Assert.True(server.Metrics.Sum("spillway.transports.client_faults") > 10);
    }
}
