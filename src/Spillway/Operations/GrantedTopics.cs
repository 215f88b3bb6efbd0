using System.Text;
using Spillway.Access;
using Spillway.History;

namespace Spillway.Operations;

/// <summary>Topics of history for somebody who may subscribe to some of them: no name, no count and no page tells that there are others.</summary>
internal static class GrantedTopics
{
    private const int PageTopics = 1_000;

    public static IReadOnlyList<TopicSummary> List(IHistory history, GrantSet grants, string prefix, string? after, int limit)
    {
        var found = new List<TopicSummary>();
        if (grants.IsEmpty || Narrow(prefix, grants.CommonPrefix) is not { } narrowed)
        {
            return found;
        }

        while (found.Count < limit)
        {
            var page = history.ListTopics(narrowed, after, PageTopics);
            found.AddRange(page.Where(topic => grants.Allows(Encoding.UTF8.GetBytes(topic.Topic))).Take(limit - found.Count));
            if (page.Count < PageTopics)
            {
                break;
            }

            after = page[^1].Topic;
        }

        return found;
    }

    /// <summary>The longer of two prefixes; null where nothing can begin with both.</summary>
    private static string? Narrow(string asked, string granted) =>
        asked.StartsWith(granted, StringComparison.Ordinal) ? asked : granted.StartsWith(asked, StringComparison.Ordinal) ? granted : null;
}
