package ddpm.config;

import java.lang.reflect.RecordComponent;
import java.util.List;
import java.util.stream.Stream;

/** Configuration records by reflection. */
final class Records {
    private Records() {}

    /** Whether it is written as one value, not as a section. */
    static boolean isValue(Class<?> type) {
        return type == ImageSize.class;
    }

    /** The keys of a section, in the order of the record's components. */
    static List<String> keys(Class<?> type) {
        return Stream.of(type.getRecordComponents())
                .map(c -> Yaml.key(c.getName()))
                .toList();
    }

    static Object value(Record config, RecordComponent component) {
        try {
            return component.getAccessor().invoke(config);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(config.getClass().getName() + " is not a public record", e);
        }
    }
}
