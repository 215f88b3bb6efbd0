namespace Spillway.Mercure.Patterns;

/// <summary>The operator of an expression of a URI template: RFC 6570, appendix A.</summary>
/// <param name="First">What stands before the first value.</param>
/// <param name="Separator">What stands between two.</param>
/// <param name="Named">Whether values stand behind their names.</param>
/// <param name="IfEmpty">What stands behind the name of an empty value.</param>
/// <param name="Reserved">Whether values may hold what separates parts of URIs.</param>
internal sealed record TemplateOperator(string First, string Separator, bool Named, string IfEmpty, bool Reserved)
{
    private static readonly TemplateOperator Simple = new("", ",", false, "", false);

    /// <summary>The operator that an expression begins with; null where it is one that the RFC keeps for later.</summary>
    public static TemplateOperator? Of(char first) => first switch
    {
        '+' => new("", ",", false, "", true),
        '#' => new("#", ",", false, "", true),
        '.' => new(".", ".", false, "", false),
        '/' => new("/", "/", false, "", false),
        ';' => new(";", ";", true, "", false),
        '?' => new("?", "&", true, "=", false),
        '&' => new("&", "&", true, "=", false),
        '=' or ',' or '!' or '@' or '|' => null,
        _ => Simple,
    };
}
