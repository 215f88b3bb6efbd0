namespace Spillway.Tests.Tidy;

/// <summary>No type ends in a word that means nothing.</summary>
internal static class NameRule
{
    private static readonly string[] Banned =
        ["Manager", "Helper", "Helpers", "Util", "Utils", "Utility", "Service", "Processor", "Info", "Data", "Impl", "Base"];

    public static IEnumerable<Fault> Check(string path, string text) =>
        from type in Syntax.Types(Syntax.Parse(text))
        let suffix = Array.Find(Banned, word => type.Name.EndsWith(word, StringComparison.Ordinal))
        where suffix is not null
        select new Fault(path, type.Node.Line(), $"{type.Name} ends in {suffix}, which says nothing: name what the type is.");
}
