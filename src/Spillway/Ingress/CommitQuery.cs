using System.Diagnostics.CodeAnalysis;
using Microsoft.AspNetCore.Http;
using Spillway.Problems;

namespace Spillway.Ingress;

/// <summary>The parameter <c>commit</c> of a publish request: what the answer is to promise.</summary>
internal static class CommitQuery
{
    private const string Name = "commit";

    /// <summary>The level asked for, or the hub's own.</summary>
    public static bool TryRead(HttpRequest request, HistoryOptions options, out CommitLevel level, [NotNullWhen(false)] out Problem? problem)
    {
        (level, problem) = (options.Commit, null);
        if (!request.QueryString.HasValue || !request.Query.TryGetValue(Name, out var values))
        {
            return true;
        }

        if (!TryParse(values.Count == 1 ? values[0] : null, out level))
        {
            problem = Problem.InvalidParameter(Name, values.ToString(), $"commit \"{Problem.Cut(values.ToString())}\" is not known; send memory, written or synced, once.");
        }
        else if (level < options.WeakestCommit)
        {
            var weakest = options.WeakestCommit.ToString().ToLowerInvariant();
            var detail = $"commit {values} is weaker than {weakest}, the weakest that History:WeakestCommit allows; send that or a stronger one.";
            problem = Problem.InvalidParameter(Name, values.ToString(), detail) with { Option = "History:WeakestCommit" };
        }

        return problem is null;
    }

    private static bool TryParse(string? text, out CommitLevel level)
    {
        level = text switch
        {
            "memory" => CommitLevel.Memory,
            "written" => CommitLevel.Written,
            _ => CommitLevel.Synced,
        };
        return text is "memory" or "written" or "synced";
    }
}
