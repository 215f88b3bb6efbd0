using System.Globalization;
using Microsoft.AspNetCore.Http;
using Spillway.Problems;

namespace Spillway.Operations;

/// <summary>What the queries of lists have in common.</summary>
internal static class PageQuery
{
    public const int DefaultLimit = 100;
    private const int MaxLimit = 1_000;

    /// <summary>Hands each parameter, which may be there once, to whoever knows it; what that says ends a sentence, and is empty where nothing is wrong.</summary>
    public static Problem? Read(IQueryCollection query, Func<string, string, string> take)
    {
        foreach (var (name, values) in query)
        {
            var value = values.ToString();
            var fault = values.Count > 1 ? "is there more than once; give it once" : name.StartsWith('_') ? "" : take(name, value);
            if (fault.Length > 0)
            {
                return Problem.InvalidParameter(name, value, $"The parameter \"{Problem.Cut(name)}\" {fault}.");
            }
        }

        return null;
    }

    public static string TakeLimit(string text, out int limit) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out limit) && limit is >= 1 and <= MaxLimit
            ? "" : $"is \"{Problem.Cut(text)}\"; give it a number from 1 to {MaxLimit}";
}
