using Microsoft.Playwright;
using Spillway.EndToEnd.Tests.Documents;
using static Microsoft.Playwright.Assertions;

namespace Spillway.EndToEnd.Tests.Demo;

/// <summary>The pictures of docs/demo.md, taken only when <c>SPILLWAY_SCREENSHOTS=1</c>: they take minutes, and differ each time.</summary>
internal static class Screenshots
{
    private static readonly LocatorAssertionsToBeVisibleOptions Patiently = new() { Timeout = 120_000 };

    public static async Task TakeAsync(WatchedPage page, int width, ColorScheme scheme)
    {
        if (Environment.GetEnvironmentVariable("SPILLWAY_SCREENSHOTS") != "1")
        {
            return;
        }

        // A picture of a stream that has run for a while, with a cut that was made good and an alert that stands.
        await Expect(page.Find(".alert:nth-child(4)")).ToBeVisibleAsync(Patiently);
        await PageTests.WaitUntilCheckedAsync(page, 4_300);
        await page.Find("#cut").ClickAsync();
        await Expect(page.Find("#state-text")).ToContainTextAsync("Cut by you");
        await Expect(page.Find("#state-text")).ToHaveTextAsync("Live", new LocatorAssertionsToHaveTextOptions { Timeout = 30_000 });
        await PageTests.WaitUntilCheckedAsync(page, 5_200);
        await Expect(page.Find(".alert:nth-child(6)")).ToBeVisibleAsync(Patiently);
        await Expect(page.Find(".sensor.hot").First).ToBeVisibleAsync(Patiently);
        await Expect(page.Find(".alert.active").First).ToBeVisibleAsync(Patiently);
        await page.Page.Mouse.MoveAsync(0, 0);
        await page.Page.SetViewportSizeAsync(width, width < 900 ? 1_400 : 1_040);
        await page.Page.ScreenshotAsync(new PageScreenshotOptions { Path = Path.Combine(FindImages(), $"demo-{width}-{scheme.ToString().ToLowerInvariant()}.png") });
    }

    private static string FindImages() => Directory.CreateDirectory(Path.Combine(Tree.Root, "docs", "images")).FullName;
}
