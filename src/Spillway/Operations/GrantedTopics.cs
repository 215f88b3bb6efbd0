using Spillway.Access;
using Spillway.History;

namespace Spillway.Operations;

/// <summary>Topics of history for somebody who may subscribe to some of them: no name, no count and no page tells that there are others.</summary>
internal static class GrantedTopics
{
    public static IReadOnlyList<TopicSummary> List(IHistory history, GrantSet grants, string prefix, string? after, int limit) =>
        !grants.IsEmpty && Narrow(prefix, grants.CommonPrefix) is { } narrowed ? history.ListTopics(narrowed, after, limit, grants.Allows) : [];

    /// <summary>The longer of two prefixes; null where nothing can begin with both.</summary>
    private static string? Narrow(string asked, string granted) =>
        asked.StartsWith(granted, StringComparison.Ordinal) ? asked : granted.StartsWith(asked, StringComparison.Ordinal) ? granted : null;
}
