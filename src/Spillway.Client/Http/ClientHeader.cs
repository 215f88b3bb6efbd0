namespace Spillway.Client.Http;

/// <summary>The header by which a hub knows that it may answer 503 with <c>Retry-After</c>: a browser's EventSource would never come back from that.</summary>
internal static class ClientHeader
{
    public const string Name = "Spillway-Client";

    public static string Value { get; } = "dotnet/" + (typeof(ClientHeader).Assembly.GetName().Version?.ToString(3) ?? "0");
}
