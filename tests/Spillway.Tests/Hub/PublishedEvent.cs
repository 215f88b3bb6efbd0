using Spillway.Events;

namespace Spillway.Tests.Hub;

/// <summary>An event as the model remembers it, in publishing order.</summary>
internal sealed record PublishedEvent(int Index, PushEvent Source, long Offset, uint Ephemeral)
{
    /// <summary>What a newer event must share to stand for it.</summary>
    public string Identity { get; } = string.Join(' ', [Source.Topic, .. Source.Alternates, "/", Source.Key ?? "-"]);

    public bool IsSelectedBy(SelectorSet selectors) =>
        selectors.Matches(System.Text.Encoding.UTF8.GetBytes(Source.Topic))
        || Source.Alternates.Any(alternate => selectors.Matches(System.Text.Encoding.UTF8.GetBytes(alternate)));
}
