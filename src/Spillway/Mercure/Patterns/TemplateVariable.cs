namespace Spillway.Mercure.Patterns;

/// <summary>A variable of a URI template.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Explodes">Whether each value of a list stands for itself.</param>
/// <param name="MaxLength">How many characters of the value are taken; null: all.</param>
internal sealed record TemplateVariable(string Name, bool Explodes, int? MaxLength);
