using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Spillway.Tests.Tidy;

/// <summary>A metric is written as a literal where it is made, and explained in docs/operations.md.</summary>
internal static class MetricRule
{
    public const string Page = "docs/operations.md";

    /// <param name="path">The C# file.</param>
    /// <param name="text">Its text.</param>
    /// <param name="page">The text of docs/operations.md.</param>
    public static IEnumerable<Fault> Check(string path, string text, string page)
    {
        if (!path.StartsWith("src/", StringComparison.Ordinal))
        {
            yield break;
        }

        foreach (var call in Syntax.Parse(text).DescendantNodes().OfType<InvocationExpressionSyntax>().Where(CreatesInstrument))
        {
            var name = (call.ArgumentList.Arguments[0].Expression as LiteralExpressionSyntax)?.Token.Value as string;
            if (name is null)
            {
                yield return new Fault(path, call.Line(), "The metric's name is not a literal: write it where the metric is made, so that a search finds it.");
            }
            else if (!page.Contains($"`{name}`", StringComparison.Ordinal))
            {
                yield return new Fault(path, call.Line(), $"The metric {name} is missing from {Page}: add a row with its unit, tags and meaning.");
            }
        }
    }

    private static bool CreatesInstrument(InvocationExpressionSyntax call)
    {
        var name = call.Expression switch
        {
            MemberAccessExpressionSyntax access => access.Name.Identifier.Text,
            MemberBindingExpressionSyntax binding => binding.Name.Identifier.Text,
            _ => "",
        };
        return call.ArgumentList.Arguments.Count > 0
            && name is "CreateCounter" or "CreateUpDownCounter" or "CreateHistogram" or "CreateGauge"
                or "CreateObservableCounter" or "CreateObservableUpDownCounter" or "CreateObservableGauge";
    }
}
