using System.Text.Json;

namespace Spillway.EndToEnd.Tests.TransportContract;

/// <summary>A signal; one without an id has that of what came before it.</summary>
/// <param name="Name">Its name without <c>spillway-</c>.</param>
/// <param name="Members">What it tells.</param>
internal sealed record SignalItem(string Name, string Id, JsonElement Members) : StreamItem(Id)
{
    public string? Text(string member) => Members.TryGetProperty(member, out var value) ? value.GetString() : null;

    public long? Number(string member) => Members.TryGetProperty(member, out var value) ? value.GetInt64() : null;

    public override string ToString() => $"{Name} {Members}";
}
