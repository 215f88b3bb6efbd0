using Spillway.Events;

namespace Spillway.Tests.Hub;

/// <summary>An event as the model remembers it, in publishing order.</summary>
internal sealed record PublishedEvent(int Index, PushEvent Source, long Offset, uint Ephemeral)
{
    public bool IsSelectedBy(SelectorSet selectors) =>
        selectors.Matches(System.Text.Encoding.UTF8.GetBytes(Source.Topic))
        || Source.Alternates.Any(alternate => selectors.Matches(System.Text.Encoding.UTF8.GetBytes(alternate)));
}
