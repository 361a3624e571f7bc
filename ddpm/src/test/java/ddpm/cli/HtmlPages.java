package ddpm.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import javax.xml.parsers.DocumentBuilderFactory;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;

/** What every page has to be: XML that loads nothing from elsewhere, and whose pictures are PNG files. */
final class HtmlPages {
    private HtmlPages() {}

    static void check(String html, String title, int pictures) {
        Document page;
        try {
            page = DocumentBuilderFactory.newInstance()
                    .newDocumentBuilder()
                    .parse(new ByteArrayInputStream(html.getBytes(StandardCharsets.UTF_8)));
        } catch (Exception e) {
            throw new AssertionError(html, e);
        }
        assertEquals(title, page.getElementsByTagName("h1").item(0).getTextContent());
        NodeList images = page.getElementsByTagName("img");
        assertEquals(pictures, images.getLength());
        for (int i = 0; i < images.getLength(); i++) {
            assertTrue(((Element) images.item(i)).getAttribute("src").startsWith("data:image/png;base64,iVBORw0KGgo"));
        }
        for (String elsewhere : List.of("http:", "https:", "<script", "<link", "@import", "url(")) {
            assertFalse(html.contains(elsewhere), elsewhere);
        }
    }
}
